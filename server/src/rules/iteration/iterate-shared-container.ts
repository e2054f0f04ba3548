// D1: a loop over a shared dict; `list(d)`, `list(d.items())`, `sorted(d)` and `d.copy()` are safe snapshots.

import { defineRule } from "../rule.ts";
import { changesSize, isHashed, steppingConsumers } from "../shapes/iteration.ts";

/** `sys.modules`: any import on any thread adds to it. */
const importedModules = "xsys.modules";

export default defineRule(
  {
    name: "iterate-shared-container",
    summary: "A dict, set or deque is iterated while other threads add or remove elements.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["iterate"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "iterate" || !steppingConsumers.has(access.detail)) return undefined;
    if (!isHashed(view) && !view.holds("deque")) return undefined;
    if (view.catches("RuntimeError")) return undefined;
    if (view.location.key === importedModules) {
      return {
        conflicts: () => false,
        withItself: true,
        steps: ["iterates over `sys.modules`", "goes on to the next module"],
        intruder: "another thread imports a module",
        outcome: "the iteration raises RuntimeError because the table changed size",
      };
    }
    return {
      conflicts: (other) =>
        changesSize(view, other) || (other.op === "item-read" && view.holds("defaultdict")),
      withItself: false,
      steps: [`iterates over \`${view.symbol}\``, "goes on to the next element"],
      outcome: view.holds("deque")
        ? "the iteration raises RuntimeError: deque mutated during iteration"
        : "the iteration raises RuntimeError because the container changed size",
    };
  },
);
