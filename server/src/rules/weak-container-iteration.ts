// D8: members of weak containers vanish when any thread drops the last reference.
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "weak-container-iteration",
    summary: "A weak container is iterated while other threads drop its members.",
    family: "iteration",
    severity: "information",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (access.op !== "iterate" || !view.holds("weak") || access.detail === "list") return undefined;
    return {
      conflicts: () => true,
      withItself: true,
      steps: [`iterates over \`${view.symbol}\``, "goes on to the next element"],
      outcome: "a member dies on another thread and the iteration raises RuntimeError",
    };
  },
);
