// J2: queues, events and locks of asyncio know tasks of one loop, not threads.
import type { Call } from "../../facts/facts.ts";
import type { Route } from "../../program/concurrency.ts";
import type { ObjectKind } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { asksForThread, holdsKind, offLoopRoute } from "../offLoop.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

/** Methods that wake tasks or change what tasks wait for. Asking (`empty`, `is_set`) and making coroutines is harmless. */
const methods: Readonly<Record<string, readonly ObjectKind[]>> = {
  put_nowait: ["async-queue"],
  get_nowait: ["async-queue"],
  task_done: ["async-queue"],
  set: ["async-event"],
  clear: ["async-event"],
  release: ["async-lock"],
  notify: ["async-lock"],
  notify_all: ["async-lock"],
};

const substitutes: Readonly<Partial<Record<ObjectKind, readonly [name: string, own: string]>>> = {
  "async-queue": ["queue", "queue.Queue"],
  "async-event": ["event", "threading.Event"],
  "async-lock": ["lock", "a lock of threading"],
};

export default defineFileRule(
  {
    name: "asyncio-primitive-across-threads",
    summary: "A thread uses a queue, event or lock of asyncio, which works between tasks of one loop only.",
    family: "asyncio and threads",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed(...Object.keys(methods))) {
      const found = asyncioObject(view, call);
      if (found === undefined) continue;
      const { text, method, kind, route } = found;
      const [noun, own] = substitutes[kind]!;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `\`${view.file.facts.functions[call.fn]!.qualifiedName}\` runs in ${route.entry.label}, but \`${text}\` is asyncio's ${noun}, which has no lock and wakes waiting tasks on the loop without waking the loop: \`${method}\` beside a task of the loop can lose a wake-up or leave it inconsistent. Use loop.call_soon_threadsafe(${text}.${method}, …), or ${own} when threads are on both sides.`,
        evidence: "proven",
        related: traceOf(route),
      };
    }
  },
);

function asyncioObject(
  view: FileView,
  call: Call,
): { text: string; method: string; kind: ObjectKind; route: Route } | undefined {
  const receiver = view.receiver(call);
  if (receiver === undefined) return undefined;
  const route = offLoopRoute(view, call.fn);
  if (route === undefined || asksForThread(view, call.context)) return undefined;
  const method = view.file.place(call.callee).path.at(-1)!;
  const kind = methods[method]!.find((k) => holdsKind(view, call.fn, receiver, new Set([k])));
  return kind === undefined ? undefined : { text: view.textOf(receiver), method, kind, route };
}
