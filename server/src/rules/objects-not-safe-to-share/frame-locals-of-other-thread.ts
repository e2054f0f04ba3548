// F13: f_locals of a frame that another thread is running reads variables that are being changed.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "frame-locals-of-other-thread",
    summary: "Local variables of a frame are read while another thread runs it.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const asking = new Set(view.callsTo("sys._current_frames").map(({ fn }) => fn));
    if (asking.size === 0) return;
    const readings = [
      ...view.accessesNamed("f_locals"),
      ...view.callsTo("inspect.getargvalues"),
      ...view
        .callsTo("traceback.StackSummary.extract", "traceback.TracebackException")
        .filter(({ args }) => args.some((a) => a.keyword === "capture_locals" && a.literal === "True")),
    ].sort((a, b) => a.start - b.start);
    for (const { fn, start, end } of readings) {
      if (!asking.delete(fn)) continue;
      yield {
        start,
        end,
        fn,
        symbol: "f_locals",
        message:
          "The frames of sys._current_frames belong to threads that go on running. Without the GIL, reading their local variables while they change them can crash the interpreter. Print the stacks without variables: faulthandler.dump_traceback, or traceback.extract_stack(frame).",
        evidence: "likely",
        related: [],
      };
    }
  },
);
