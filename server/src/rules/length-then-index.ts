// B7: `for i in range(len(rows)): rows[i]`.
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "length-then-index",
    summary: "A list is indexed up to a length that other threads change.",
    family: "compound operations",
    severity: "information",
    status: "preview",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (access.op !== "length" || !view.holds("list") || !/\brange\s*\(\s*$/.test(view.textBefore(12)))
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
