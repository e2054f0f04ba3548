// J1: loops, tasks and futures of asyncio belong to the loop's thread; other threads may only ask it to do something.
import type { Call, Place } from "../../facts/facts.ts";
import type { Route } from "../../program/concurrency.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { ObjectKind } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { asksForThread, holdsKind, offLoopRoute } from "../offLoop.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

const loops: ReadonlySet<ObjectKind> = new Set(["event-loop"]);
const futures: ReadonlySet<ObjectKind> = new Set(["async-future"]);

/** Methods of a loop that only its own thread may call; `true` where no other library's loop has the method. */
const loopMethods: Readonly<Record<string, boolean>> = {
  call_soon: true,
  call_later: true,
  call_at: true,
  create_task: true,
  stop: false,
};
const futureMethods = ["set_result", "set_exception", "cancel"];

export default defineFileRule(
  {
    name: "loop-call-from-thread",
    summary:
      "A thread calls a method of an event loop, task or future that only the loop's own thread may call.",
    family: "asyncio and threads",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    yield* tasksWithoutLoop(view);
    for (const call of view.callsNamed(...Object.keys(loopMethods), ...futureMethods)) {
      const receiver = view.receiver(call);
      if (receiver === undefined) continue;
      const route = offLoopRoute(view, call.fn);
      if (route === undefined || asksForThread(view, call.context)) continue;
      const method = view.file.place(call.callee).path.at(-1)!;
      const isOfLoop = Object.hasOwn(loopMethods, method);
      if (isOfLoop ? !isForeignLoop(view, call, receiver, method, route) : !isFuture(view, call, receiver))
        continue;
      const text = view.textOf(receiver);
      const where = `\`${view.file.facts.functions[call.fn]!.qualifiedName}\` runs in ${route.entry.label}`;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: isOfLoop
          ? `${where}, and \`${text}.${method}\` is made for the loop's own thread alone: it takes no lock and does not wake the loop, so while the loop sleeps or runs its callbacks the call is served late, or its queue is changed under it. ${remedy[method]!.replaceAll("LOOP", text)}`
          : `${where}, and \`${text}\` belongs to an event loop: \`${method}\` changes its state and schedules its callbacks without a lock and without waking the loop, so the coroutine that waits can miss it. Use loop.call_soon_threadsafe(${text}.${method}, …).`,
        evidence: "proven",
        related: traceOf(route),
      };
    }
  },
);

/** `asyncio.create_task(…)` in a thread that runs no loop. */
function* tasksWithoutLoop(view: FileView): Iterable<Issue> {
  for (const call of view.callsTo("asyncio.create_task")) {
    const route = offLoopRoute(view, call.fn);
    if (route === undefined || asksForThread(view, call.context)) continue;
    const name = view.file.facts.functions[call.fn]!.qualifiedName;
    yield {
      start: call.start,
      end: call.end,
      fn: call.fn,
      symbol: "asyncio.create_task",
      message: `\`${name}\` runs in ${route.entry.label}, where no event loop runs: create_task raises RuntimeError ("no running event loop"), whatever loop another thread runs, and the coroutine never starts. Use asyncio.run_coroutine_threadsafe(…, loop) with the loop that is to run it.`,
      evidence: "proven",
      related: traceOf(route),
    };
  }
}

const remedy: Readonly<Record<string, string>> = {
  call_soon: "Use LOOP.call_soon_threadsafe.",
  call_later: "Use LOOP.call_soon_threadsafe(LOOP.call_later, …).",
  call_at: "Use LOOP.call_soon_threadsafe(LOOP.call_at, …).",
  create_task: "Use asyncio.run_coroutine_threadsafe(…, LOOP).",
  stop: "Use LOOP.call_soon_threadsafe(LOOP.stop).",
};

function isFuture(view: FileView, call: Call, receiver: Place): boolean {
  return holdsKind(view, call.fn, receiver, futures);
}

/** A loop that is known as one, or named like one, and that some other thread runs. */
function isForeignLoop(view: FileView, call: Call, receiver: Place, method: string, route: Route): boolean {
  const isNamedSo =
    loopMethods[method]! && /(^|_)(event_?)?loop$/i.test(receiver.path.at(-1) ?? receiver.name);
  if (!isNamedSo && !holdsKind(view, call.fn, receiver, loops)) return false;
  // `loop = asyncio.new_event_loop()` in the thread's own function is the thread's own loop.
  if (receiver.root === "local" && receiver.owner === call.fn && receiver.path.length === 0) {
    const bindings = view.file.bindingsOf("local", receiver.owner, receiver.name);
    if (bindings.some((b) => b.value === "call")) return false;
  }
  return !isRunByThread(view, receiver, route);
}

/** Whether the thread itself runs the loop: `run` sets it up and calls `run_forever`. */
function isRunByThread(view: FileView, receiver: Place, route: Route): boolean {
  const reaches = (file: FileNode, fn: number) =>
    view.program.concurrency.routes(keyOf(file, fn)).some(({ entry }) => entry === route.entry);
  const location = view.program.locations.of(view.file, receiver);
  return view.callsNamed("run_forever", "run_until_complete").some((run) => {
    const loop = view.receiver(run);
    if (loop === undefined || !reaches(view.file, run.fn)) return false;
    if (view.textOf(loop) === view.textOf(receiver)) return true;
    return location !== undefined && view.program.locations.of(view.file, loop) === location;
  });
}
