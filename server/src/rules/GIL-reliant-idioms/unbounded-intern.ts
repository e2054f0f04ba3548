// L8: `sys.intern(request.path)`: on free-threaded builds an interned string is never freed.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "unbounded-intern",
    summary: "Strings from outside are interned, and free-threaded builds never free those.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("sys.intern")) {
      const literal = call.args[0]?.literal ?? "";
      const isConstant = /^[rbuRBU]?["']/.test(literal);
      const reach = isConstant ? undefined : view.reach(call.fn);
      if (reach === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "sys.intern",
        message: `Interned strings are immortal on free-threaded builds: every new text that a thread interns here stays in memory until the process ends, so a long-running program grows. Keep a table of your own that can be emptied, or leave the strings as they are. ${reach.because}`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);
