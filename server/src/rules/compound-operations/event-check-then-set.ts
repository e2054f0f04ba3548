// B15: `if not started.is_set(): started.set(); boot()`.
import { mutates } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "event-check-then-set",
    summary: "An event is tested and then set, so that two threads can both be first.",
    family: "compound operations",
    severity: "information",
    status: "stable",
    lockRepairs: true,
    on: ["method"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "method" || access.detail !== "set" || !view.holds("event")) return undefined;
    const first = view.decidingAccess((earlier) => earlier.op === "method" && earlier.detail === "is_set");
    if (first === undefined || isAllThatIsDone(view, first)) return undefined;
    return {
      first,
      conflicts: (other) => other.op === "method" && (other.detail === "set" || other.detail === "clear"),
      withItself: true,
      steps: [`sees that \`${view.symbol}\` is not set`, "sets it"],
      outcome: "two threads pass the test and both run what should run once",
    };
  },
);

/** `if not stop.is_set(): stop.set()`, and nothing else: setting it twice comes to the same. */
function isAllThatIsDone(view: AccessView, first: number): boolean {
  const { contexts, accesses, calls } = view.file.facts;
  const test = [...view.contexts()].find(({ from, to }) => from <= first && first < to);
  if (test === undefined || !test.holds) return false;
  const isInside = (at: number): boolean =>
    at !== 0 && (contexts[at] === test || isInside(contexts[at]!.parent));
  const { access } = view;
  return (
    !calls.some((call) => call.start !== access.start && isInside(call.context)) &&
    !accesses.some((other) => other !== access && mutates(other) && isInside(other.context))
  );
}
