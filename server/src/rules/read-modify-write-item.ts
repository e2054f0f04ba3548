// B3: `d[k] += 1`, `d[k] = d.get(k, 0) + 1`.
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "read-modify-write-item",
    summary: "An element is read and written back without a lock.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    if (view.access.op !== "item-augment" || view.holds("bytearray", "array")) return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-augment" || other.op === "item-store" || other.op === "item-delete",
      withItself: true,
      steps: [`reads \`${view.symbol}[${view.access.view}]\``, "writes the new value back"],
      outcome: "one of the two updates is lost",
    };
  },
);
