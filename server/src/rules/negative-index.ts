// B6: `L[-1]` is turned into an index first and read afterwards (gh-130744).
import { resizes } from "./accessView.ts";
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "negative-index",
    summary: "A negative index is used on a list that other threads resize.",
    family: "compound operations",
    severity: "information",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-read" || !/^-\d+$/.test(access.view) || !view.holds("list")) return undefined;
    if (view.catches("IndexError", "LookupError")) return undefined;
    return {
      conflicts: (other) => resizes(other) && other.op !== "item-store" && other.detail !== "append",
      withItself: false,
      steps: [`takes the length of \`${view.symbol}\``, "reads the element at that place"],
      outcome: "the list shrinks in between and this thread raises IndexError or gets the wrong element",
    };
  },
);
