// H3: a thread is joined by somebody who holds the lock that the thread needs to finish.
import type { Call } from "../../facts/facts.ts";
import { keyOf, type Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "join-holding-lock",
    summary: "A thread is joined while holding a lock that the thread itself takes.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.file.facts.calls) {
      if (!view.isUnderLock(call.context)) continue;
      const run = joined(view, call);
      if (run === undefined) continue;
      for (const lock of view.locksAround(call.context)) {
        const taken = view.takes(run, lock.key);
        if (taken === undefined) continue;
        yield {
          start: call.start,
          end: call.end,
          fn: call.fn,
          symbol: lock.text,
          message: `This waits for the thread that runs \`${view.nameOf(run)}\` while holding \`${lock.text}\`, which that thread takes; if it waits for the lock, neither goes on. Join after releasing the lock.`,
          evidence: "likely",
          related: [
            {
              path: view.file.path,
              range: view.file.range(lock.start, lock.start),
              message: `\`${lock.text}\` is taken here`,
            },
            {
              path: taken.file.path,
              range: taken.file.range(taken.start, taken.start),
              message: "the thread takes it here",
            },
          ],
        };
        break;
      }
    }
  },
);

/** The function that the joined thread runs, for `t.join()` and for calls of a method that joins. */
function joined(view: FileView, call: Call): Ref | undefined {
  if (call.callee < 0) return undefined;
  const callee = view.file.place(call.callee);
  if (callee.path.at(-1) === "join") return threadFunction(view, call);
  const method = view.callee(call);
  if (method === undefined) return undefined;
  // `worker.stop()` where stop() joins the thread it belongs to.
  for (const inner of method.file.facts.calls) {
    if (inner.fn !== method.index || inner.callee < 0) continue;
    const place = method.file.place(inner.callee);
    if (place.root !== "self" || place.path.length !== 1 || place.path[0] !== "join") continue;
    const cls = { file: method.file, index: place.owner };
    const isThread = view.program.resolver.externalBases(cls).some((base) => /(^|\.)Thread$/.test(base));
    if (isThread) return view.program.resolver.method(cls, "run");
  }
  return undefined;
}

function threadFunction(view: FileView, call: Call): Ref | undefined {
  const { resolver, concurrency } = view.program;
  const callee = view.file.place(call.callee);
  const receiver = { ...callee, path: callee.path.slice(0, -1) };
  const held = resolver.holding(view.file, receiver);
  const cls = held?.classes[0];
  if (cls !== undefined) {
    const run = resolver.method(cls, "run");
    return run !== undefined && concurrency.isEntry(keyOf(run.file, run.index)) ? run : undefined;
  }
  if (held === undefined || !held.kinds.has("thread")) return undefined;
  // The thread was made by `Thread(target=…)` and bound to this same place.
  const location = view.program.locations.of(view.file, receiver);
  return concurrency.entries.find((entry) => {
    const made = entry.file.facts.calls.find((c) => c.start === entry.start && c.end === entry.end);
    if (made === undefined || made.result < 0) return false;
    return (
      location !== undefined &&
      view.program.locations.of(entry.file, entry.file.place(made.result)) === location
    );
  })?.fn;
}
