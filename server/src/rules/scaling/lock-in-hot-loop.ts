// G16: a lock taken in every round of a worker's loop makes the workers take turns.
import type { Call } from "../../facts/facts.ts";
import { keyOf, type Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { isTight, loopAround } from "../shapes/tightLoop.ts";

interface Taken {
  readonly lock: string;
  readonly fn: number;
  readonly loop: number;
  readonly start: number;
  readonly end: number;
}

export default defineFileRule(
  {
    name: "lock-in-hot-loop",
    summary: "Worker threads take one lock in every round of a loop that does little else.",
    family: "scaling",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const isReached = file.facts.functions.some((_, fn) => program.concurrency.isReached(keyOf(file, fn)));
    if (!isReached) return;
    for (const { lock, fn, loop, start, end } of [...locksInLoops(view), ...lockingCallsInLoops(view)]) {
      const reach = view.reach(fn);
      if (reach?.evidence !== "proven" || !reach.parallel) continue;
      if (!isTight(view, loop, (call) => lockTakenBy(view, call) !== undefined)) continue;
      yield {
        start,
        end,
        fn,
        symbol: lock,
        message: `Every round of this loop takes \`${lock}\` and does little else, so the threads take turns: in a measurement on 3.13t two of them got no more done than one. ${reach.because} Add up in a local variable and take the lock once, behind the loop.`,
        evidence: "proven",
        related: reach.trace,
      };
    }
  },
);

/** `for …: with lock: …` */
function* locksInLoops(view: FileView): Iterable<Taken> {
  const { file, program } = view;
  for (const { kind, detail, place, fn, parent, start } of file.facts.contexts) {
    if (kind !== "lock" || detail === "async" || !program.concurrency.isReached(keyOf(file, fn))) continue;
    const loop = loopAround(view, parent);
    const lock = file.place(place);
    if (loop === undefined || (lock.root === "local" && lock.owner === fn)) continue;
    if (!isLock(view, { file, index: fn }, place)) continue;
    const text = view.textOf(lock);
    yield { lock: text, fn, loop, start, end: start + text.length };
  }
}

/** `for …: counter.add(1)`, where `add` is little more than `with self._lock: …`. */
function* lockingCallsInLoops(view: FileView): Iterable<Taken> {
  const { file, program } = view;
  for (const call of file.facts.calls) {
    if (!call.inLoop || !program.concurrency.isReached(keyOf(file, call.fn))) continue;
    const loop = loopAround(view, call.context);
    const lock = loop === undefined ? undefined : lockTakenBy(view, call);
    if (loop !== undefined && lock !== undefined)
      yield { lock, fn: call.fn, loop, start: call.start, end: call.end };
  }
}

/** The lock that a short function of the program takes: one without loops, and with cheap calls only. */
function lockTakenBy(view: FileView, call: Call): string | undefined {
  const callee = view.callee(call);
  if (callee === undefined) return undefined;
  const { facts } = callee.file;
  const own = facts.contexts.filter(({ fn }) => fn === callee.index);
  if (own.some(({ kind }) => kind === "loop")) return undefined;
  const taken = own.find((c) => c.kind === "lock" && c.detail !== "async" && isLock(view, callee, c.place));
  if (taken === undefined) return undefined;
  const calls = facts.calls.filter(({ fn }) => fn === callee.index);
  const isShort = calls.every(({ callee: place }) => {
    const { name, path } = callee.file.place(Math.max(place, 0));
    return (
      place >= 0 && /^(append|add|get|pop|setdefault|len|acquire|release|max|min)$/.test(path.at(-1) ?? name)
    );
  });
  return isShort ? view.textOf(callee.file.place(taken.place)) : undefined;
}

function isLock({ program }: FileView, { file }: Ref, place: number): boolean {
  const kinds = program.resolver.holding(file, file.place(place))?.kinds;
  return kinds !== undefined && (kinds.has("lock") || kinds.has("rlock"));
}
