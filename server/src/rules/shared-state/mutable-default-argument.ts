// A6: `def worker(x, seen=[])`: all calls, on all threads, share the one default object.
import type { Access } from "../../facts/facts.ts";
import { mutates } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
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
    if (view.location.kind !== "default" || !mutates(view.access) || replaces(view.access)) return undefined;
    // `headers = dict(headers)`: from here on the name stands for an object of this call.
    if (view.siblings().some((other) => replaces(other) && other.start < view.access.start)) return undefined;
    // A cache kept in a default is on purpose; get-or-compute looks after it.
    const isCache =
      view.access.op === "item-store" && view.decidingAccess((earlier) => earlier.view === view.access.view);
    if (isCache) return undefined;
    const compound = view.access.op === "item-augment" || view.decidingAccess(() => true) !== undefined;
    return {
      conflicts: (other) => mutates(other) && !replaces(other),
      withItself: true,
      steps: [`uses the default object of \`${view.symbol}\``, "changes it"],
      outcome: "every call without the argument works on one object, and the calls mix their data",
      ...(compound ? {} : { atLeast: "proven" as const }),
    };
  },
);

/** Whether the parameter is bound to another object, which leaves the default as it is. */
function replaces(access: Access): boolean {
  return (
    access.op === "rebind" || access.op === "delete" || (access.op === "augment" && access.detail === "=")
  );
}
