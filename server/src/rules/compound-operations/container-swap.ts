// B17: `jobs, self.jobs = self.jobs, []`: what others add to the old list while it is taken away is lost; and so is what they
// add between `for job in self.jobs: …` and `self.jobs.clear()`.

import type { Access } from "../../facts/facts.ts";
import { resizes } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule, type Match } from "../rule.ts";

export default defineRule(
  {
    name: "container-swap",
    summary: "A container is taken and replaced by a fresh one while other threads add to it.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind", "augment", "method"],
  },
  (view) => {
    const { access, location } = view;
    if (access.op === "method") return access.detail === "clear" ? clearedBehindUse(view) : undefined;
    // `jobs, self.jobs = self.jobs, []` reads what it replaces.
    const replaces = access.op === "rebind" || access.op === "augment";
    if (!replaces || location.kind === "closure") return undefined;
    if (!view.holds("list", "set", "dict", "deque", "defaultdict") || !isBoundToEmpty(view)) return undefined;
    const taken = view
      .siblings()
      .filter(({ op }) => op === "read" || op === "iterate" || op === "argument" || op === "escape")
      .filter((other) => view.indexOf(other) < view.index && isNear(other, access))
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

/** The elements are copied or gone through, and then all are thrown away, also those that came later. */
function clearedBehindUse(view: AccessView): Match | undefined {
  const { access } = view;
  if (!view.holds("list", "set", "dict", "deque", "defaultdict")) return undefined;
  const used = view
    .siblings()
    .filter((other) => view.isSameLocation(other) && isUseOfAll(other) && other.context === access.context)
    .filter((other) => view.indexOf(other) < view.index && isNear(other, access))
    .at(-1);
  if (used === undefined) return undefined;
  return {
    first: view.indexOf(used),
    conflicts: isAddition,
    withItself: false,
    steps: [`goes through the elements of \`${view.symbol}\``, "throws all of them away"],
    outcome: "what the other adds in between is thrown away unseen",
    atLeast: "likely",
  };
}

/** Taken by one of the three statements before, or by the same one; a loop has statements of its own. */
function isNear({ op, statement }: Access, emptying: Access): boolean {
  return emptying.statement - statement <= (op === "iterate" ? 8 : 3);
}

function isUseOfAll({ op, detail, view }: Access): boolean {
  return op === "iterate" || (op === "item-read" && view === ":") || (op === "method" && detail === "copy");
}

function isAddition({ op, detail }: Access): boolean {
  return (
    op === "item-store" ||
    op === "item-augment" ||
    (op === "method" && /^(append|appendleft|add|extend|extendleft|insert|setdefault|update)$/.test(detail))
  );
}

/** Whether the assignment binds a new, empty container. */
function isBoundToEmpty({ access, file }: AccessView): boolean {
  return file.facts.bindings.some(
    ({ empty, start, place, value }) =>
      empty && start === access.start && place === access.place && /^(list|dict|set|call)$/.test(value),
  );
}
