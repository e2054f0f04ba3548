// H7: a coroutine waits, by blocking, for a coroutine that its own event loop is to run.
import type { Argument, Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const handOver = "asyncio.run_coroutine_threadsafe";
const ownLoop: readonly string[] = ["asyncio.get_running_loop", "asyncio.get_event_loop"];

export default defineFileRule(
  {
    name: "result-on-loop-thread",
    summary: "A coroutine blocks on the result of run_coroutine_threadsafe.",
    family: "deadlocks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const handedOver = view.callsTo(handOver);
    if (handedOver.length === 0) return;
    for (const call of view.callsNamed("result", "exception")) {
      if (!view.file.facts.functions[call.fn]!.isAsync) continue;
      const made = handedOver.find((h) => isResultOf(view, call, h));
      if (made === undefined) continue;
      const isOwn = isOwnLoop(view, view.argument(made, "loop", 1));
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "run_coroutine_threadsafe",
        message: isOwn
          ? "This blocks the thread that is to run the coroutine it waits for: the event loop stands still, the result never comes, and everything else on the loop stops as well. Write `await coroutine()`; run_coroutine_threadsafe is for other threads."
          : "This blocks the event loop until another thread's loop has run the coroutine, and for ever if it is the same loop or the other one needs this one meanwhile. Write `await asyncio.wrap_future(…)`.",
        evidence: "likely",
        severity: isOwn ? "error" : "warning",
        related: [],
      };
    }
  },
);

/** `run_coroutine_threadsafe(…).result()`, or the same through a variable. */
function isResultOf(view: FileView, call: Call, made: Call): boolean {
  if (made.fn !== call.fn) return false;
  const receiver = view.receiver(call);
  if (receiver === undefined || receiver.path.length > 0) return false;
  if (receiver.root === "call") return receiver.owner === made.callee && made.start === call.start;
  if (receiver.root !== "local" || made.result < 0) return false;
  const { root, owner, name, path } = view.file.place(made.result);
  return root === "local" && owner === receiver.owner && name === receiver.name && path.length === 0;
}

function isOwnLoop(view: FileView, loop: Argument | undefined): boolean {
  if (loop === undefined) return false;
  const isGetter = (place: number) => place >= 0 && ownLoop.includes(view.externalName(place) ?? "");
  if (loop.call >= 0) return isGetter(view.file.facts.calls[loop.call]!.callee);
  if (loop.place < 0) return false;
  const { root, owner, name, path } = view.file.place(loop.place);
  if (root !== "local" || path.length > 0) return false;
  return view.file.bindingsOf("local", owner, name).some((b) => b.value === "call" && isGetter(b.source));
}
