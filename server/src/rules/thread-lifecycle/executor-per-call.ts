// I6: a pool made for one call starts its threads anew each time and is never shut down.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "executor-per-call",
    summary: "A function makes a thread pool in each call and neither keeps it nor shuts it down.",
    family: "thread lifecycle",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const pools = view.callsTo("concurrent.futures.ThreadPoolExecutor", "multiprocessing.pool.ThreadPool");
    for (const call of pools) {
      if (call.fn === 0 || call.managed || isKept(view, call)) continue;
      const { name } = view.file.facts.functions[call.fn]!;
      if (/^(main|__init__|__new__|__enter__|test|setup|setUp)/.test(name)) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: name,
        message: `Each call of \`${name}\` starts threads of its own, and nobody tells them to end: they wait until the pool is collected, so calls that overlap multiply threads beyond the cores. Use one pool for all calls, or \`with\`, which joins the threads.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether the pool outlives the call on purpose, is handed on, or is shut down. */
function isKept(view: FileView, made: Call): boolean {
  const { file } = view;
  if (made.result < 0) return !isUsedAtOnce(view, made);
  const { root, owner, name, path } = file.place(made.result);
  if (root !== "local" || owner !== made.fn || path.length > 0) return true;
  const isPool = (place: number) => {
    const at = place < 0 ? undefined : file.place(place);
    return at?.root === "local" && at.owner === owner && at.name === name;
  };
  const isWhole = (place: number) => isPool(place) && file.place(place).path.length === 0;
  if (file.facts.functions[made.fn]!.returns.some(isWhole)) return true;
  // Another name for it, or an inner function that uses it.
  if (file.facts.bindings.some((b) => b.value === "place" && isWhole(b.source))) return true;
  if (file.facts.accesses.some((a) => isWhole(a.place) && (a.op === "escape" || a.fn !== made.fn)))
    return true;
  return file.facts.calls.some((call) => {
    if (call.args.some((a) => isWhole(a.place) || a.elements.some(isWhole))) return true;
    if (!isPool(call.callee)) return false;
    return (
      call.fn !== made.fn ||
      /^(shutdown|close|terminate|__enter__|__exit__)$/.test(file.place(call.callee).path.at(-1) ?? "")
    );
  });
}

/** `ThreadPoolExecutor().map(…)`: nothing holds the pool any more. */
function isUsedAtOnce(view: FileView, made: Call): boolean {
  return view.callsNamed("map", "submit", "starmap", "apply_async", "imap").some(({ callee, start, fn }) => {
    const place = view.file.place(callee);
    return fn === made.fn && start === made.start && place.root === "call" && place.owner === made.callee;
  });
}
