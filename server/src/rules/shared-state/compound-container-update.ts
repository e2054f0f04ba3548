// A2: `CACHE[k] = v; ORDER.append(k)`: each step is atomic, the pair is not.
import { resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "compound-container-update",
    summary: "Two shared containers that belong together are changed one after the other.",
    family: "shared state",
    severity: "information",
    status: "preview",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (view.location.kind !== "global" || !resizes(access) || !view.isContainer) return undefined;
    const partner = view.laterChangeOfAnother;
    if (partner === undefined) return undefined;
    return {
      conflicts: (other) => other.op === "iterate" || other.op === "contains" || other.op === "item-read",
      withItself: true,
      steps: [`changes \`${view.symbol}\``, `changes \`${partner}\` after it`],
      outcome: "a thread that looks in between sees one without the other",
    };
  },
);
