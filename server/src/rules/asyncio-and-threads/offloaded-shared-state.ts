// J4: coroutines need no lock among themselves, until one of them hands their common data to a worker thread.
import type { Argument, Call } from "../../facts/facts.ts";
import type { FileNode } from "../../program/fileNode.ts";
import type { Location } from "../../program/locations.ts";
import { resizes } from "../../program/operations.ts";
import { symbolOf } from "../accessView.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const containers = /^(list|dict|set|deque|defaultdict|Counter|OrderedDict)$/;

export default defineFileRule(
  {
    name: "offloaded-shared-state",
    summary:
      "A coroutine hands a container to a worker thread, and coroutines change it while the thread works.",
    family: "asyncio and threads",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const { call, given } of offloads(view)) {
      for (const argument of given) {
        const location =
          argument.place < 0
            ? undefined
            : view.program.locations.of(view.file, view.file.place(argument.place));
        if (location === undefined || ![...location.holding.kinds].some((kind) => containers.test(kind)))
          continue;
        const change = changeByCoroutine(view, location);
        if (change === undefined) continue;
        const text = symbolOf(location);
        yield {
          start: call.start,
          end: call.end,
          fn: call.fn,
          symbol: text,
          message: `A worker thread gets \`${text}\` itself, not a copy, and while it works the loop's other tasks run on and change it: what needed no lock among coroutines is now shared by two threads. A loop over it in the thread raises RuntimeError or mixes old and new. Hand over a copy made here, on the loop.`,
          evidence: "proven",
          related: [change],
        };
        break;
      }
    }
  },
);

/** Calls by which a coroutine, or what the loop runs, lets a worker thread run a function, and what it gets. */
function* offloads(view: FileView): Iterable<{ call: Call; given: readonly Argument[] }> {
  const positional = ({ args }: Call) => args.filter((a) => a.keyword === "");
  for (const call of view.callsTo("asyncio.to_thread")) yield { call, given: positional(call).slice(1) };
  for (const call of view.callsNamed("run_in_executor")) {
    const executor = positional(call)[0];
    if (executor !== undefined && view.holding(executor.place)?.kinds.has("process-pool")) continue;
    yield { call, given: positional(call).slice(2) };
  }
}

/** Where a coroutine changes the size or the elements of the container without a lock for threads. */
function changeByCoroutine(view: FileView, location: Location) {
  for (const { file, access: index } of location.sites) {
    const access = file.facts.accesses[index]!;
    if (!file.facts.functions[access.fn]!.isAsync || !resizes(access)) continue;
    if (view.program.locksets.heldWithin(file, access.context).length > 0 || isStart(file, access.fn))
      continue;
    return { path: file.path, range: file.rangeOf(access), message: "a coroutine changes it here" };
  }
  return undefined;
}

/** Coroutines that set things up or tear them down before and after the others run. */
function isStart(file: FileNode, fn: number): boolean {
  return /^_*(start|setup|set_up|connect|open|initiali[sz]e|init|stop|close|shutdown|__a(enter|exit)__)/.test(
    file.facts.functions[fn]!.name,
  );
}
