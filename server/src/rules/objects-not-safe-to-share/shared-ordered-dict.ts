// F2: `OrderedDict` keeps its order in a linked list beside the table; no lock keeps the two together on 3.13t.
import type { Access } from "../../facts/facts.ts";
import { resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "shared-ordered-dict",
    summary: "Several threads change one OrderedDict.",
    family: "objects not safe to share",
    severity: "error",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (!view.holds("OrderedDict") || !resizes(access)) return undefined;
    const remedy =
      "Hold one lock for every use, or take a plain dict, which keeps the order of insertion and whose single operations are safe.";
    // Since mid-2026 each operation takes the dict's lock; moving a key that another thread evicts still fails.
    if (view.target === "3.15") {
      if (access.op !== "method" || access.detail !== "move_to_end") return undefined;
      return {
        conflicts: removes,
        withItself: false,
        steps: [`finds a key in \`${view.symbol}\``, "moves it to the end"],
        outcome: "move_to_end raises KeyError for a key that it had just found",
        severity: "warning",
      };
    }
    return {
      conflicts: (other) => resizes(other) || other.op === "iterate" || other.op === "item-read",
      withItself: true,
      steps: [`changes the table of \`${view.symbol}\``, "then the list that keeps its order"],
      outcome:
        view.target === "3.13"
          ? "the order breaks, and 3.13t can hang or crash, because OrderedDict takes no lock there"
          : "the order breaks in releases of 3.14 before mid-2026, which can hang or crash",
      remedy,
      severity: view.target === "3.13" ? "error" : "warning",
    };
  },
);

function removes({ op, detail }: Access): boolean {
  return op === "item-delete" || (op === "method" && /^(pop|popitem|clear)$/.test(detail));
}
