// H6: a lock of threads stays locked while its task is suspended; whoever wants it next stops the event loop.
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { isKnownLock, lockCalls, takenHere, waitsForever } from "../shapes/locks.ts";

/** Decorators that make coroutines of generators. */
const coroutineDecorator = /^(coroutine|inlineCallbacks)$/;

export default defineFileRule(
  {
    name: "lock-across-await",
    summary: "A threading lock is held while the coroutine is suspended.",
    family: "deadlocks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const told = new Set<number>();
    for (const { kind, fn, context, start, end } of view.file.facts.suspensions) {
      if (kind === "yield" && !isCoroutine(view, fn)) continue;
      for (const lock of view.locksAround(context)) {
        if (told.has(lock.start)) break;
        told.add(lock.start);
        const meeting = lock.kinds.has("rlock")
          ? "An RLock belongs to the thread, so another task of the same loop walks in meanwhile, and other threads wait"
          : "Another task that wants it stops the whole event loop, and this one never gets on to release it; other threads wait as well";
        yield {
          start,
          end,
          fn,
          symbol: lock.text,
          message: `The task is suspended here with \`${lock.text}\` held. ${meeting}. Copy what is needed under the lock and await afterwards, or use asyncio.Lock if only tasks of one loop share the data.`,
          evidence: "likely",
          related: [takenHere(view, lock)],
        };
        break;
      }
    }
    yield* leftLocked(view);
  },
);

/** `lock.acquire()` in a coroutine that leaves the release to somebody else: it waits with the loop stopped. */
function* leftLocked(view: FileView): Iterable<Issue> {
  const releases = [...lockCalls(view, "release")];
  for (const { call, key, kinds, text } of lockCalls(view, "acquire")) {
    if (!view.file.facts.functions[call.fn]!.isAsync || !isKnownLock(kinds) || !waitsForever(call)) continue;
    if (releases.some((r) => r.key === key && r.call.fn === call.fn)) continue;
    yield {
      start: call.start,
      end: call.end,
      fn: call.fn,
      symbol: text,
      message: `\`${text}\` is acquired in a coroutine that does not release it: while another holder has it, this call stops the event loop, and with it every task that could release it. Use asyncio.Lock between tasks, or acquire in a worker thread (asyncio.to_thread).`,
      evidence: "likely",
      severity: "warning",
      related: [],
    };
  }
}

function isCoroutine(view: FileView, fn: number): boolean {
  return view.file.facts.functions[fn]!.decorators.some((decorator) => {
    if (decorator < 0) return false;
    const { name, path } = view.file.place(decorator);
    return coroutineDecorator.test(path.at(-1) ?? name);
  });
}
