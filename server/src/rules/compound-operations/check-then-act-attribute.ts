// B11: a flag that should let one thread through lets two through: `if not self.started: self.started = True`.
import { defineRule, writesBinding } from "../rule.ts";

export default defineRule(
  {
    name: "check-then-act-attribute",
    summary: "A flag is tested and then set, so that two threads can both pass the test.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, location } = view;
    if (location.kind === "closure" || location.kind === "default") return undefined;
    if (access.op !== "rebind" || access.detail !== "bool") return undefined;
    const name = location.name.slice(location.name.lastIndexOf(".") + 1);
    // The flag alone decides: `if self.started:`, `if not self.started:`, perhaps after `and`.
    const isFlagTest = new RegExp(`^(not\\s+)?[\\w.]*\\b${name}$`);
    const first = view.decidingAccess(
      (earlier, context) =>
        context.kind === "test" &&
        !context.repeats &&
        earlier.op === "read" &&
        conjuncts(context.detail).some((part) => isFlagTest.test(part)),
    );
    if (first === undefined || view.isRecheckedBetween(first) || view.releasesLock) return undefined;
    return {
      first,
      conflicts: (other) => writesBinding(other.op),
      withItself: true,
      steps: [`tests \`${view.symbol}\``, "sets it"],
      outcome: "two threads pass the test and both run what should run once",
    };
  },
);

/** What all has to hold: the parts between `and`; a condition with `or` is one part. */
function conjuncts(condition: string): string[] {
  return /\bor\b/.test(condition) ? [condition] : condition.split(/\band\b/).map((part) => part.trim());
}
