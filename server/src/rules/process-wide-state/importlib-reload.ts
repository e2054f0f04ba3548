// E10: reload runs a module's code again in the same namespace, while other threads read from it.
import { defineFileRule } from "../rule.ts";
import { threadsAt } from "../shapes/processState.ts";

export default defineFileRule(
  {
    name: "importlib-reload",
    summary: "A module is reloaded while other threads use it.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  function* (view) {
    for (const call of view.callsTo("importlib.reload", "imp.reload")) {
      const reach = threadsAt(view, call);
      if (reach === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "importlib.reload",
        message: `${reach.because} Reloading is not thread-safe: other threads find the module half new and half old, two reloads run its code over each other, and objects of the old classes fail isinstance. Read what changes into an object and replace that object, or let one lock guard the reload and all uses.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);
