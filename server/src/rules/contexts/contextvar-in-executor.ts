// K5: threads of a pool keep the context that they were started with; tasks do not bring their own.
import { defineFileRule } from "../rule.ts";
import { inheritedReads } from "../shapes/contextReads.ts";
import { starterSets } from "../shapes/contextWords.ts";

export default defineFileRule(
  {
    name: "contextvar-in-executor",
    summary: "A pool's thread reads a context variable that only the submitting code has set.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const reads = inheritedReads(view, ({ label }) => /(pool|executor) thread/.test(label));
    for (const found of reads) {
      const { variable, start } = found;
      const what =
        view.target === "3.13"
          ? "in 3.13 the pool's threads start with an empty context, so the value never arrives"
          : "the pool's threads start empty on builds with the GIL; on free-threaded builds each keeps a copy of the context of whoever made the pool start it, so later tasks read the value of an earlier one";
      yield {
        ...starterSets(view, found),
        message: `The task reads \`${variable}\`, which was set for the submitting context; ${what}. Submit contextvars.copy_context().run with the function behind it, or hand the value over as an argument.`,
        start: start.start,
        end: start.end,
      };
    }
  },
);
