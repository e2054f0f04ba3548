// E13: decimal.DefaultContext is the template of contexts to come, not the context of this thread.
import { defineFileRule } from "../rule.ts";
import { threadsAt } from "../shapes/processState.ts";

const templates = ["DefaultContext", "BasicContext", "ExtendedContext"];
const fields = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "traps", "flags"];
const places = templates.flatMap((name) => fields.map((field) => `decimal.${name}.${field}`));

export default defineFileRule(
  {
    name: "decimal-default-context",
    summary: "The template of all threads' decimal contexts is changed in a function.",
    family: "process-wide state",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const seen = new Set<number>();
    for (const access of view.accessesTo(...places)) {
      if (!/^(rebind|augment|item-store|item-augment)$/.test(access.op) || seen.has(access.fn)) continue;
      const reach = threadsAt(view, access);
      if (reach === undefined) continue;
      seen.add(access.fn);
      const name = view.externalName(access.place)!.split(".")[1]!;
      const effect =
        view.target === "3.13"
          ? "it leaves this thread's context as it is, and whether another thread gets the new value depends on which of them calculates first"
          : `it leaves this thread's context as it is; a thread without a context takes it over, but on free-threaded builds of ${view.target} a thread starts with a copy of its starter's context and never sees it`;
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: `decimal.${name}`,
        message: `${reach.because} \`decimal.${name}\` is the template of all threads' contexts: ${effect}. Use \`with decimal.localcontext() as context:\`, or set the template at import, before there are threads.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);
