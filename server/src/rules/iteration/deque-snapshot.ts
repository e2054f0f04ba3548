// D3: `list(q)` and `q.copy()` of a deque fail without the GIL.
import { resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "deque-snapshot",
    summary: "A shared deque is copied while other threads change it.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["iterate", "method"],
  },
  (view) => {
    const { access } = view;
    if (!view.holds("deque") || view.catches("RuntimeError")) return undefined;
    const copies =
      (access.op === "iterate" && /^(list|tuple|sorted|set|\*)$/.test(access.detail)) ||
      (access.op === "method" && access.detail === "copy");
    if (!copies) return undefined;
    return {
      conflicts: resizes,
      withItself: false,
      steps: [`copies \`${view.symbol}\``, "goes on to the next element"],
      outcome: "the copy raises RuntimeError: deque mutated during iteration; deques have no safe snapshot",
    };
  },
);
