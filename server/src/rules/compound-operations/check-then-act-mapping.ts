// B1: `if k in d: del d[k]` and its like.
import type { Context } from "../../facts/facts.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

/** Whether the key is known to be there once the condition has turned out as it did. */
function impliesPresence(operator: string, context: Context): boolean {
  if (operator === "in") return context.holds && !/\bor\b/.test(context.detail);
  return !context.holds && !/\band\b/.test(context.detail);
}

export default defineRule(
  {
    name: "check-then-act-mapping",
    summary: "A key is tested and then used, and another thread can take it away in between.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-delete", "method", "item-read"],
  },
  (view) => {
    const { access } = view;
    if (!view.maybeContainer || view.holds("list", "deque")) return undefined;
    const takes =
      access.op === "item-delete" ||
      (access.op === "method" &&
        (access.detail === "remove" || (access.detail === "pop" && !hasDefault(view))));
    const reads = access.op === "item-read";
    if ((!takes && !reads) || view.catches("KeyError", "LookupError")) return undefined;
    const first = view.decidingAccess((earlier, context) => {
      if (context.kind === "handler") return false;
      if (earlier.op !== "contains" || (access.view !== "" && earlier.view !== access.view)) return false;
      return impliesPresence(earlier.detail, context);
    });
    const loop = first === undefined && access.op === "item-delete" ? loopOverSame(view) : undefined;
    if (first === undefined && loop === undefined) return undefined;
    const removes = (op: string, detail: string) =>
      op === "item-delete" ||
      (op === "method" && /^(pop|popitem|clear|remove|discard|move_to_end)$/.test(detail));
    return {
      first: (first ?? loop)!,
      conflicts: (other) => removes(other.op, other.detail),
      withItself: takes,
      callersShare: reads && view.isHandedOut,
      steps: [`finds the key in \`${view.symbol}\``, takes ? "removes it" : "looks it up"],
      outcome: "another thread removes it in between and this one raises KeyError",
    };
  },
);

/** Whether `pop` is called with a default. */
function hasDefault({ file, access }: AccessView): boolean {
  const call = file.facts.calls.find(({ start, end }) => start === access.start && end === access.end);
  return (call?.args.length ?? 0) > 1;
}

/** The iteration over this same mapping whose loop the access stands in; an index into the accesses. */
function loopOverSame(view: AccessView): number | undefined {
  for (const context of view.contexts()) {
    if (context.kind !== "loop") continue;
    for (let i = context.from; i < context.to; i += 1) {
      const earlier = view.file.facts.accesses[i]!;
      if (earlier.op === "iterate" && view.isSameLocation(earlier)) return i;
    }
  }
  return undefined;
}
