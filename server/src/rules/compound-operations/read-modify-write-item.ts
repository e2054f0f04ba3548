// B3: `d[k] += 1`, `d[k] = d.get(k, 0) + 1`.
import { defineRule } from "../rule.ts";

/** Methods after which an element that was there has another value or another place. */
const replacing =
  /^(update|subtract|pop|popitem|popleft|appendleft|insert|remove|clear|rotate|sort|reverse)$/;

export default defineRule(
  {
    name: "read-modify-write-item",
    summary: "An element is read and written back without a lock.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-augment"],
  },
  (view) => {
    if (view.access.op !== "item-augment" || view.holds("bytearray", "array")) return undefined;
    // `results[slot] += 1` where each worker is given a slot of its own: the idiom for results without a lock.
    if (view.holds("list") && view.fn.parameters.includes(view.access.view)) return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-augment" ||
        other.op === "item-store" ||
        other.op === "item-delete" ||
        (other.op === "method" && replacing.test(other.detail)),
      withItself: true,
      steps: [`reads \`${view.symbol}[${view.access.view}]\``, "writes the new value back"],
      outcome: "one of the two updates is lost",
    };
  },
);
