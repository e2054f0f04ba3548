// B17: `jobs, self.jobs = self.jobs, []`: what others add to the old list while it is taken away is lost.

import { resizes } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "container-swap",
    summary: "A container is taken and replaced by a fresh one while other threads add to it.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind", "augment"],
  },
  (view) => {
    const { access, location } = view;
    // `jobs, self.jobs = self.jobs, []` reads what it replaces.
    const replaces = access.op === "rebind" || access.op === "augment";
    if (!replaces || location.kind === "closure") return undefined;
    if (!view.holds("list", "set", "dict", "deque", "defaultdict") || !isBoundToEmpty(view)) return undefined;
    // Taken by one of the three statements before, or by the same one.
    const taken = view
      .siblings()
      .filter(({ op }) => op === "read" || op === "iterate" || op === "argument" || op === "escape")
      .filter((other) => view.indexOf(other) < view.index && access.statement - other.statement <= 3)
      .at(-1);
    if (taken === undefined) return undefined;
    return {
      first: view.indexOf(taken),
      conflicts: resizes,
      withItself: false,
      steps: [`takes the elements of \`${view.symbol}\``, "puts a fresh container in its place"],
      outcome: "what the other adds to the old container in between is never seen again",
      atLeast: "likely",
    };
  },
);

/** Whether the assignment binds a new, empty container. */
function isBoundToEmpty({ access, file }: AccessView): boolean {
  return file.facts.bindings.some(
    ({ empty, start, place, value }) =>
      empty && start === access.start && place === access.place && /^(list|dict|set|call)$/.test(value),
  );
}
