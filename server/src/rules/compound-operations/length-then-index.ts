// B7: `for i in range(len(rows)): rows[i]`.
import { defineRule } from "../rule.ts";

/** Whether a length after this text bounds an index: `range(len(x))`, `while i < len(x)`, `x[len(x) - 1]`. */
function isBound(before: string): boolean {
  return (
    /\brange\s*\(\s*(\w+\s*,\s*)?$/.test(before) ||
    /\bwhile\s+\w+\s*<\s*$/.test(before) ||
    /\w\[\s*$/.test(before)
  );
}

export default defineRule(
  {
    name: "length-then-index",
    summary: "A list is indexed up to a length that other threads change.",
    family: "compound operations",
    severity: "information",
    status: "preview",
    lockRepairs: true,
    on: ["length"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "length" || !view.holds("list") || !isBound(view.textBefore(80))) return undefined;
    if (!view.siblings().some((other) => other.op === "item-read" || other.op === "item-store"))
      return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-delete" || (other.op === "method" && /^(pop|clear|remove)$/.test(other.detail)),
      withItself: false,
      steps: [`takes the length of \`${view.symbol}\``, "reads the elements by index"],
      outcome: "the list shrinks in between and this thread raises IndexError",
    };
  },
);
