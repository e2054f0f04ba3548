// B5: `groups[k].append(x)` on a defaultdict: `__missing__` may run in two threads for one key.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "defaultdict-missing-key",
    summary: "A missing key of a shared defaultdict can be filled in twice.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-read"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-read" || !view.holds("defaultdict") || !view.changesElement) return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-read" || other.op === "item-store" || other.op === "item-delete",
      withItself: true,
      steps: [`finds no key in \`${view.symbol}\` and makes a new value`, "stores and changes it"],
      outcome: "two threads make a value for the same key and what one puts into its own is lost",
    };
  },
);
