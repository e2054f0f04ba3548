// An object is stored where other threads find it, and only then filled.
import { defineRule } from "./rule.ts";

export default defineRule(
  {
    name: "publish-before-complete",
    summary: "A cache entry is stored empty and filled afterwards, where other threads already see it.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    const isDisplay = access.detail === "list" || access.detail === "dict" || access.detail === "set";
    if (access.op !== "item-store" || !isDisplay || !view.maybeContainer || !view.fillsElementLater)
      return undefined;
    const first = view.decidingAccess(
      (earlier) =>
        (earlier.op === "contains" || earlier.op === "item-read" || earlier.detail === "get") &&
        earlier.view === access.view,
    );
    if (first === undefined) return undefined;
    return {
      first,
      conflicts: (other) => other.op === "item-read" || other.op === "item-store",
      withItself: true,
      steps: [`stores an empty entry in \`${view.symbol}\``, "fills it afterwards"],
      outcome: "the other thread finds the entry and uses it half filled",
    };
  },
);
