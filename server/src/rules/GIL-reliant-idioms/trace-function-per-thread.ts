// L12: `sys.setprofile(f)` in a program with threads: it holds for the calling thread only.
import type { Argument } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "trace-function-per-thread",
    summary: "A trace or profile function is set for one thread of a program that has several.",
    family: "GIL-reliant idioms",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (view.callsNamed("settrace", "setprofile").length === 0 || !hasThreads(view)) return;
    for (const kind of ["settrace", "setprofile"] as const) {
      const forAll = [`threading.${kind}`, `threading.${kind}_all_threads`];
      if (view.callsTo(...forAll).length > 0) continue;
      for (const call of view.callsTo(`sys.${kind}`)) {
        const [argument] = call.args;
        if (argument === undefined || argument.literal === "None" || isSaved(view, argument)) continue;
        yield {
          start: call.start,
          end: call.end,
          fn: call.fn,
          symbol: `sys.${kind}`,
          message: `sys.${kind} holds for the calling thread only: what the other threads of this program run meanwhile is missing, and without the GIL that is most of the work. Use threading.${kind}_all_threads.`,
          evidence: "likely",
          related: [],
        };
      }
    }
  },
);

/** Whether the file takes part in a program with threads: it starts some, or has code that they run. */
function hasThreads(view: FileView): boolean {
  const starters = ["threading.Thread", "threading.Timer", "concurrent.futures.ThreadPoolExecutor"];
  return (
    view.intent.isThreadedModule(view.file) ||
    view.callsTo(...starters).length > 0 ||
    view.file.facts.classes.some((_, index) => view.intent.isThreadedClass({ file: view.file, index }))
  );
}

/** Whether it is what `sys.gettrace` or `sys.getprofile` gave: that is put back. */
function isSaved(view: FileView, { place }: Argument): boolean {
  if (place < 0) return false;
  return view.file.facts.bindings.some(
    (binding) =>
      binding.place === place &&
      binding.source >= 0 &&
      /^sys\.get(trace|profile)$/.test(view.externalName(binding.source) ?? ""),
  );
}
