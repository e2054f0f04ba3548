// I11: processes were the way around the GIL; without it threads do the same work on the same data.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "process-pool-on-free-threading",
    summary: "A pool of processes is used where, on a free-threaded build, threads may do.",
    family: "thread lifecycle",
    severity: "hint",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const pools = view.callsTo(
      "concurrent.futures.ProcessPoolExecutor",
      "multiprocessing.Pool",
      "multiprocessing.pool.Pool",
    );
    for (const call of pools) {
      if (asksForGil(view, call.context)) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.externalName(call.callee)!,
        message: `This pool starts processes, which pickle every argument and result and hold each module once more. Where the GIL is off, threads run Python code on all cores as well: measure ThreadPoolExecutor with the same tasks, and look first at what they share, since threads, unlike processes, meet in it.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether the code chooses by the build it runs on. */
function asksForGil(view: FileView, context: number): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (/gil/i.test(contexts[at]!.kind === "test" ? contexts[at]!.detail : "")) return true;
  }
  return view.callsNamed("_is_gil_enabled").length > 0;
}
