// B11: `if not self.started: self.started = True`, `if self.sock: self.sock.close()`.
import { defineRule, writesBinding } from "./rule.ts";
export default defineRule(
  {
    name: "check-then-act-attribute",
    summary: "A variable is tested and then changed or used, and another thread can change it in between.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, location } = view;
    if (location.kind === "closure" || location.kind === "default") return undefined;
    const stores =
      access.op === "rebind" &&
      (access.detail === "none" || access.detail === "bool" || access.detail === "int");
    const uses = access.op === "method" && !view.isContainer && access.detail !== "__next__";
    if (!stores && !(uses && view.isCleared)) return undefined;
    if (uses && view.catches("AttributeError", "TypeError")) return undefined;
    const first = view.decidingAccess((earlier, context) => {
      if (context.kind !== "test" || earlier.op !== "read") return false;
      return stores || !context.derived.includes(view.indexOf(earlier));
    });
    if (first === undefined) return undefined;
    return {
      first,
      conflicts: (other) =>
        stores
          ? writesBinding(other.op)
          : other.op === "delete" || (other.op === "rebind" && other.detail === "none"),
      withItself: stores,
      steps: [`tests \`${view.symbol}\``, stores ? "sets it" : "uses it again"],
      outcome: stores
        ? "two threads pass the test and both run what should run once"
        : "another thread clears it in between and this one calls a method of None",
      ...(stores ? {} : { atLeast: "likely" as const }),
    };
  },
);
