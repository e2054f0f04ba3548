// G9: a condition's notify and wait demand its lock, and raise RuntimeError without it.
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { type LockCall, lockCalls } from "../shapes/locks.ts";

export default defineFileRule(
  {
    name: "notify-without-lock",
    summary: "A condition is notified or waited for by code that does not hold its lock.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const found of lockCalls(view, "notify", "notify_all", "notifyAll", "wait", "wait_for")) {
      if (!isSurelyCondition(found) || mayBeHeld(view, found)) continue;
      const { call, text } = found;
      const method = view.file.place(call.callee).path.at(-1);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `\`${method}\` raises RuntimeError unless this thread holds \`${text}\`. Without the lock a waiting thread could also test its condition just before this and wait just after it, and the wake-up would be lost. Change the data and call \`${method}\` inside \`with ${text}:\`.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

function isSurelyCondition({ kinds }: LockCall): boolean {
  return kinds.has("condition") && [...kinds].every((kind) => kind === "condition" || kind === "none");
}

/** Whether the lock is held here, or callers that are not known may hold it. */
function mayBeHeld(view: FileView, { call, key, place }: LockCall): boolean {
  const { file, program } = view;
  const held = program.locksets.held(file, call.fn, call.context);
  if (held.has(key)) return true;
  // A condition over a lock that comes from somewhere else goes by another name.
  if (held.size > 0 && isOverAnotherLock(view, place)) return true;
  const fact = file.facts.functions[call.fn]!;
  if (place.root === "local" && fact.parameters.includes(place.name)) return true;
  if (fact.callerHolds || isReleasedBefore(view, call.fn, key)) return true;
  // Private helpers, inner functions and overridden hooks are called in ways that are not all seen.
  const isPrivate = fact.name.startsWith("_") || fact.parent > 0;
  return isPrivate && program.callGraph.callersOf(keyOf(file, call.fn)).length === 0;
}

function isOverAnotherLock(view: FileView, place: LockCall["place"]): boolean {
  const name = place.path.at(-1) ?? place.name;
  return view.file.facts.calls.some(({ result, args }) => {
    if (result < 0 || args.length === 0) return false;
    const bound = view.file.place(result);
    return (bound.path.at(-1) ?? bound.name) === name;
  });
}

/** Acquired by hand somewhere in the function, in a way that contexts do not show. */
function isReleasedBefore(view: FileView, fn: number, key: string): boolean {
  for (const other of lockCalls(view, "acquire", "release", "__enter__")) {
    if (other.key === key && other.call.fn === fn) return true;
  }
  return false;
}
