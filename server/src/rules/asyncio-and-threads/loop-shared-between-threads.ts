// J3: an event loop belongs to the thread that runs it; two threads that run the same one collide.
import type { Call } from "../../facts/facts.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { Location } from "../../program/locations.ts";
import type { FileView } from "../fileView.ts";
import { offLoopRoute } from "../offLoop.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

const running = ["run_until_complete", "run_forever"];

export default defineFileRule(
  {
    name: "loop-shared-between-threads",
    summary: "Several threads run the same event loop.",
    family: "asyncio and threads",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed(...running)) {
      const receiver = view.receiver(call);
      const location = receiver && view.program.locations.of(view.file, receiver);
      if (receiver === undefined || location === undefined || isMadeHere(view, call, location)) continue;
      const route = offLoopRoute(view, call.fn);
      if (route === undefined || view.locksAround(call.context)[Symbol.iterator]().next().done === false)
        continue;
      // Threads with an object of their own, or with a variable that each call makes anew, have a loop of their own.
      if (location.kind !== "global" && location.kind !== "class" && route.entry.receiver !== "shared")
        continue;
      const other = route.entry.parallel ? undefined : otherRun(view, call, location);
      if (!route.entry.parallel && other === undefined) continue;
      const text = view.textOf(receiver);
      const method = view.file.place(call.callee).path.at(-1)!;
      const who = route.entry.parallel
        ? "several threads come here at once"
        : "another thread runs it elsewhere";
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `\`${text}\` is one event loop, and ${who}: \`${method}\` raises RuntimeError while the loop runs already, and what it was to run is not done. Use asyncio.run, which gives each thread a loop of its own, or asyncio.run_coroutine_threadsafe(…, ${text}) to let the thread that runs it do the work.`,
        evidence: "proven",
        related: [
          ...traceOf(route),
          ...(other === undefined
            ? []
            : [
                {
                  path: view.file.path,
                  range: view.file.range(other.start, other.end),
                  message: "the loop is run here as well",
                },
              ]),
        ],
      };
    }
  },
);

/** Whether the function sets up the loop that it runs: `LOOP = asyncio.new_event_loop()` and then `LOOP.run_forever()`. */
function isMadeHere(view: FileView, call: Call, location: Location): boolean {
  return view
    .callsTo("asyncio.new_event_loop")
    .some(
      (made) =>
        made.fn === call.fn &&
        made.result >= 0 &&
        view.program.locations.of(view.file, view.file.place(made.result)) === location,
    );
}

/** A call by which code outside of this thread runs the same loop. */
function otherRun(view: FileView, call: Call, location: Location): Call | undefined {
  return view.callsNamed(...running).find((other) => {
    if (other === call || other.fn === call.fn) return false;
    const receiver = view.receiver(other);
    if (receiver === undefined || view.program.locations.of(view.file, receiver) !== location) return false;
    const key = keyOf(view.file, other.fn);
    return other.fn === 0 || view.program.concurrency.runsOutside(key);
  });
}
