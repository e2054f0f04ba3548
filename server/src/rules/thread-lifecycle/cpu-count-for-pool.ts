// I10: os.cpu_count() counts the machine's cores, not those that this process may use.
import type { Argument } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const pools = ["concurrent.futures.ThreadPoolExecutor", "multiprocessing.pool.ThreadPool"];
const counters = new Set(["os.cpu_count", "multiprocessing.cpu_count"]);

export default defineFileRule(
  {
    name: "cpu-count-for-pool",
    summary: "A thread pool gets as many threads as the machine has cores, however few this process may use.",
    family: "thread lifecycle",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo(...pools)) {
      const size = view.argument(call, "max_workers", 0) ?? call.args.find((a) => a.keyword === "processes");
      const counter = size === undefined ? undefined : counterOf(view, size);
      if (counter === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: counter,
        message: `\`${counter}()\` counts the cores of the machine. In a container or under an affinity mask this process may use fewer, and on a free-threaded build, where all these threads really run, they then push each other off the cores while they hold locks. Use os.process_cpu_count(), new in 3.13.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** The counting function behind an argument, directly or through one variable. */
function counterOf(view: FileView, { call, place }: Argument): string | undefined {
  const callees: number[] = [];
  if (call >= 0) callees.push(view.file.facts.calls[call]!.callee);
  else if (place >= 0) {
    const { root, owner, name, path } = view.file.place(place);
    if ((root !== "local" && root !== "global") || path.length > 0) return undefined;
    const bindings = view.file.bindingsOf(root, owner, name);
    if (bindings.length === 1 && bindings[0]!.value === "call") callees.push(bindings[0]!.source);
  }
  return callees
    .filter((callee) => callee >= 0)
    .map((callee) => view.externalName(callee) ?? "")
    .find((name) => counters.has(name));
}
