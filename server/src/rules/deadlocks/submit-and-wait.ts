// H4: a task waits for another task of its own pool; when all workers do that, none is left to run what they wait for.
import type { Call, Place } from "../../facts/facts.ts";
import type { Route } from "../../program/concurrency.ts";
import { type FileNode, keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

export default defineFileRule(
  {
    name: "submit-and-wait",
    summary: "A task of a thread pool submits to the same pool and waits for the result.",
    family: "deadlocks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed("result", "get")) {
      const executor = submittedTo(view, call);
      const pool = executor === undefined ? undefined : keyOfPool(view, view.file, executor);
      if (executor === undefined || pool === undefined) continue;
      const route = view.program.concurrency
        .routes(keyOf(view.file, call.fn))
        .find(({ entry }) => poolOf(view, entry) === pool);
      if (route === undefined) continue;
      const text = view.textOf(executor);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `This runs in a worker of \`${text}\` and waits for a task that needs another worker of it. As soon as all workers wait like this, the tasks they wait for stay in the queue and nobody goes on. Call the function directly, let the submitter wait for both, or use a second pool.`,
        evidence: "proven",
        related: traceOf(route),
      };
    }
  },
);

/** The executor of `pool.submit(…).result()`, or of a variable that holds the future. */
function submittedTo(view: FileView, call: Call): Place | undefined {
  const receiver = view.receiver(call);
  if (receiver === undefined) return undefined;
  const executorOf = (callee: number): Place | undefined => {
    const place = callee < 0 ? undefined : view.file.place(callee);
    if (place === undefined || !/^(submit|apply_async|map_async)$/.test(place.path.at(-1) ?? ""))
      return undefined;
    return { ...place, path: place.path.slice(0, -1) };
  };
  if (receiver.root === "call" && receiver.path.length === 0) return executorOf(receiver.owner);
  if (receiver.root !== "local" || receiver.owner !== call.fn || receiver.path.length > 0) return undefined;
  for (const binding of view.file.bindingsOf("local", receiver.owner, receiver.name)) {
    const executor = binding.value === "call" ? executorOf(binding.source) : undefined;
    if (executor !== undefined) return executor;
  }
  return undefined;
}

function keyOfPool({ program }: FileView, file: FileNode, place: Place): string | undefined {
  const { kinds } = program.resolver.holding(file, place) ?? { kinds: new Set() };
  if (kinds.has("process-pool")) return undefined;
  return program.locations.of(file, place)?.key;
}

/** The pool that an entry's task was handed to. */
function poolOf(view: FileView, { file, start, end }: Route["entry"]): string | undefined {
  const made = file.facts.calls.find((call) => call.start === start && call.end === end && call.callee >= 0);
  const callee = made === undefined ? undefined : file.place(made.callee);
  if (callee === undefined || callee.path.length === 0) return undefined;
  return keyOfPool(view, file, { ...callee, path: callee.path.slice(0, -1) });
}
