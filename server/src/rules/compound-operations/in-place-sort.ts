// B14: while `L.sort()` runs, other threads see the list empty.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "in-place-sort",
    summary: "A list that other threads read is sorted or shuffled in place.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["method", "argument"],
  },
  (view) => {
    const { access } = view;
    const sorts =
      access.op === "method" &&
      (access.detail === "sort" || access.detail === "reverse") &&
      view.holds("list");
    const shuffles = access.op === "argument" && access.detail === "shuffle";
    if (!sorts && !shuffles) return undefined;
    return {
      conflicts: (other) =>
        /^(iterate|item-read|length|contains|item-store)$/.test(other.op) || other.op === "method",
      withItself: false,
      steps: [`rearranges \`${view.symbol}\``, "puts the elements back"],
      outcome: "a thread that reads meanwhile sees the list empty or half sorted",
    };
  },
);
