// L9: thresholds of generations that the free-threaded collector does not have.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "gc-tuning",
    summary: "The garbage collector is tuned by generations, which free-threaded builds do not have.",
    family: "GIL-reliant idioms",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("gc.set_threshold")) {
      const given = call.args.filter(({ literal }) => !literal.startsWith("*"));
      // Going back to saved thresholds, and switching the collector off, mean the same everywhere.
      if (
        given.length < 2 ||
        !given.every(({ literal }) => /^[\d_]+$/.test(literal)) ||
        given[0]!.literal === "0"
      )
        continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "gc.set_threshold",
        message:
          "The free-threaded collector has one generation: only the first threshold counts, and every collection goes through all objects while all threads stand still. A low threshold that was cheap with generations stops every thread often. Measure again without the GIL, and set the first threshold only.",
        evidence: "likely",
        related: [],
      };
    }
  },
);
