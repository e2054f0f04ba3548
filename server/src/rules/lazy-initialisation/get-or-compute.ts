// C7: `if k not in cache: cache[k] = make(k)`.
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "get-or-compute",
    summary: "A missing entry is computed and stored by every thread that misses it.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-store"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-store" || !view.maybeContainer || view.holds("list", "deque")) return undefined;
    // The same constant stored twice is harmless, unless somebody counts on from it: then the second store resets it.
    const isConstant = /^(none|bool|int|number|str)$/.test(access.detail);
    if (isConstant && !isElementUpdated(view)) return undefined;
    if (/ident\b|current_thread|thread_?id/i.test(access.view)) return undefined; // one entry for each thread
    const first = view.decidingAccess((earlier) => {
      const isLookup =
        earlier.op === "contains" ||
        (earlier.op === "method" && earlier.detail === "get") ||
        earlier.op === "item-read";
      return isLookup && earlier.view.split(",")[0] === access.view;
    });
    if (first === undefined || view.isRecheckedBetween(first) || view.isLockedLike(first)) return undefined;
    return {
      first,
      conflicts: (other) =>
        other.op === "item-store" || other.op === "item-delete" || other.op === "item-augment",
      withItself: true,
      callersShare: true,
      steps: [
        `does not find the key in \`${view.symbol}\``,
        isConstant ? "stores its first value" : "computes the value and stores it",
      ],
      outcome: isConstant
        ? "the later store wipes out what has been counted since the first"
        : "two threads compute it, and one goes on with a value that the other has replaced",
    };
  },
);

/** Whether elements are updated somewhere: `d[k] += 1`. */
function isElementUpdated({ location }: AccessView): boolean {
  return location.sites.some(({ file, access }) => file.facts.accesses[access]!.op === "item-augment");
}
