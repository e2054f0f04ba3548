// A6: `def worker(x, seen=[])`: all calls, on all threads, share the one default object.
import { mutates } from "./accessView.ts";
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "mutable-default-argument",
    summary: "A mutable default argument is changed by a function that threads run.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    if (view.location.kind !== "default" || !mutates(view.access)) return undefined;
    const compound = view.access.op === "item-augment" || view.decidingAccess(() => true) !== undefined;
    return {
      conflicts: mutates,
      withItself: true,
      steps: [`uses the default object of \`${view.symbol}\``, "changes it"],
      outcome: "every call without the argument works on one object, and the calls mix their data",
      ...(compound ? {} : { atLeast: "proven" as const }),
    };
  },
);
