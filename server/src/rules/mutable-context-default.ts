// K6: `ContextVar("x", default=[])`: the one list is every thread's default.
import { defineFileRule } from "./rule.ts";

export default defineFileRule(
  {
    name: "mutable-context-default",
    summary: "A context variable has a mutable default, which all threads share.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.file.facts.calls) {
      const entity = view.entity(call);
      if (entity?.kind !== "external" || entity.name !== "contextvars.ContextVar") continue;
      const mutable = call.args.find((a) => a.keyword === "default" && a.display !== "");
      if (mutable === undefined) continue;
      const symbol = call.result < 0 ? "ContextVar" : view.file.place(call.result).name;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol,
        message: `The default of \`${symbol}\` is one ${mutable.display} for all contexts: every thread that has not set the variable changes the same object. Use an immutable default such as () or None.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);
