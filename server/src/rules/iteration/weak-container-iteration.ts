// D8: weak containers are walked through by Python code, and members vanish when any thread drops the last reference.
import { resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "weak-container-iteration",
    summary: "A weak container is iterated while other threads add or drop members.",
    family: "iteration",
    severity: "information",
    status: "stable",
    lockRepairs: true,
    on: ["iterate", "method"],
  },
  (view) => {
    const { access } = view;
    // Even `list(w)` and `w.copy()` go member by member; `keyrefs()` and `valuerefs()` do not.
    const walks = access.op === "iterate" || (access.op === "method" && access.detail === "copy");
    if (!walks || !view.holds("weak") || view.catches("RuntimeError")) return undefined;
    return {
      // A loop that ends sweeps out what died meanwhile, under the feet of another loop.
      conflicts: (other) => resizes(other) || other.op === "iterate",
      withItself: true,
      steps: [`iterates over \`${view.symbol}\``, "goes on to the next member"],
      outcome: "members are added, or dead ones swept out, and the iteration raises RuntimeError",
    };
  },
);
