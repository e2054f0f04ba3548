// B15: `if not started.is_set(): started.set(); boot()`.
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
    if (first === undefined) return undefined;
    return {
      first,
      conflicts: (other) => other.op === "method" && (other.detail === "set" || other.detail === "clear"),
      withItself: true,
      steps: [`sees that \`${view.symbol}\` is not set`, "sets it"],
      outcome: "two threads pass the test and both run what should run once",
    };
  },
);
