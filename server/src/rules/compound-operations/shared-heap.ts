// B12: `heapq` on 3.13t works on the list without its lock.
import { mutates } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "shared-heap",
    summary: "A shared list is used as a heap; heapq takes no lock on 3.13.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["argument"],
  },
  (view) => {
    const { access } = view;
    if (
      access.op !== "argument" ||
      !/^(heappush|heappop|heapify|heapreplace|heappushpop)$/.test(access.detail)
    )
      return undefined;
    // From 3.14 on the C functions lock the list (gh-135036), and one call alone is safe.
    if (view.target !== "3.13") return undefined;
    return {
      conflicts: mutates,
      withItself: true,
      steps: [`moves elements of \`${view.symbol}\``, "compares and moves on"],
      outcome: "the heap loses its order, or the call raises RuntimeError because the list changed size",
    };
  },
);
