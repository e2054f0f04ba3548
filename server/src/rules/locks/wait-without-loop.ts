// G8: a condition is waited for without asking again under its lock whether there is still something to wait for.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { type LockCall, lockCalls } from "../shapes/locks.ts";

export default defineFileRule(
  {
    name: "wait-without-loop",
    summary: "Condition.wait is not inside a loop that tests, under the lock, what is waited for.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const wait of lockCalls(view, "wait")) {
      // With a timeout it may be nothing but a sleep that can be ended early.
      if (!wait.kinds.has("condition") || wait.call.args.length > 0) continue;
      const fault = faultOf(view, wait);
      if (fault === undefined) continue;
      const { call, text } = wait;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `${fault} Use \`${text}.wait_for(lambda: …)\`, or \`while not …: ${text}.wait()\`, all inside \`with ${text}:\`.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

function faultOf(view: FileView, { call, key, text }: LockCall): string | undefined {
  const { contexts } = view.file.facts;
  let test = 0;
  let isLocked = false;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, repeats } = contexts[at]!;
    if (kind === "loop" && !isLocked) return undefined;
    if (kind === "test" && !repeats && !isLocked && test === 0) test = at;
    if (kind === "lock" && view.program.locksets.heldWithin(view.file, at).includes(key)) isLocked = true;
    if (kind === "test" && repeats && isLocked && test === 0 && contexts[at]!.to > contexts[at]!.from)
      return `The loop tests its condition without holding \`${text}\`: a notify between the test and this wait wakes nobody, and this thread then waits for a notify that has already been.`;
  }
  // Without a lock in sight a caller may hold it, and loop.
  if (!isLocked) return undefined;
  if (test === 0)
    return `Nothing is tested before this wait: a notify that comes before it is lost and this thread waits for ever, and after it another thread may already have taken what was announced.`;
  return isUsedAfter(view, call.end, call.fn, test)
    ? `After this wait nothing is tested again: several threads can be woken, or a third can come first, and only one of them finds what was announced.`
    : undefined;
}

/** Whether the function goes on with the data after the wait, rather than leaving it to another round. */
function isUsedAfter(view: FileView, end: number, fn: number, test: number): boolean {
  const { contexts, accesses } = view.file.facts;
  const waited = contexts[test]!;
  return accesses.some(({ start, fn: where, context }) => {
    if (where !== fn || start < end) return false;
    // What follows `if …: wait(); return` has failed the test and comes without having waited.
    for (let at = context; at !== 0; at = contexts[at]!.parent) {
      const { kind, start: tested, holds } = contexts[at]!;
      if (kind === "test" && tested === waited.start && holds !== waited.holds) return false;
    }
    return true;
  });
}
