// B2: `if jobs: jobs.pop()`, `if len(q) > 0: q.popleft()`.
import { defineRule } from "../rule.ts";

/** Whether a length is compared with something else than none or one: trimming, which never empties. */
function hasLimit(condition: string): boolean {
  return /\)\s*[<>=!]=?\s*(?![01]\b)\w/.test(condition);
}

export default defineRule(
  {
    name: "check-then-act-sequence",
    summary: "A sequence is tested for elements and then popped or indexed.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["method", "argument", "item-read"],
  },
  (view) => {
    const { access } = view;
    if (!view.holds("list", "deque", "set", "dict", "OrderedDict", "defaultdict")) return undefined;
    // heapq locks the list from 3.14 on, but not from the test to the call.
    const pops =
      (access.op === "method" && /^(pop|popleft|popitem)$/.test(access.detail)) ||
      (access.op === "argument" && /^(heappop|heapreplace)$/.test(access.detail));
    const indexes = access.op === "item-read" && /^-?\d+$/.test(access.view) && view.holds("list", "deque");
    if ((!pops && !indexes) || view.catches("IndexError", "KeyError", "LookupError")) return undefined;
    const first = view.decidingAccess(
      (earlier, context) =>
        context.kind === "test" &&
        (earlier.op === "read" || (earlier.op === "length" && (indexes || !hasLimit(context.detail)))),
    );
    if (first === undefined) return undefined;
    return {
      first,
      conflicts: (other) =>
        other.op === "item-delete" ||
        (other.op === "argument" && other.detail === "heappop") ||
        (other.op === "method" && /^(pop|popleft|popitem|clear|remove|discard)$/.test(other.detail)),
      withItself: pops,
      steps: [`sees that \`${view.symbol}\` has elements`, pops ? "pops one" : "takes one by index"],
      outcome: "another thread takes the last element in between and this one raises IndexError or KeyError",
    };
  },
);
