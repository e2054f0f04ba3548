// B4: `Counter.update` reads and writes one count after the other.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "counter-update",
    summary: "A shared Counter is updated without a lock.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["method"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "method" || !view.holds("Counter")) return undefined;
    if (access.detail !== "update" && access.detail !== "subtract") return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-augment" ||
        other.op === "item-store" ||
        (other.op === "method" && /^(update|subtract|clear|pop)$/.test(other.detail)),
      withItself: true,
      steps: [`reads the counts of \`${view.symbol}\``, "writes the sums back"],
      outcome: "counts that another thread adds in between are lost",
    };
  },
);
