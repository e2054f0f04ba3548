// K3, K4: what a new thread's context starts with differs by version and build, so nothing may rely on it.
import { defineFileRule } from "../rule.ts";
import { inheritedReads } from "../shapes/contextReads.ts";
import { starterSets } from "../shapes/contextWords.ts";

export default defineFileRule(
  {
    name: "inherited-context",
    summary: "A thread reads a context variable that its starter has set, which arrives on some builds only.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const reads = inheritedReads(view, ({ label }) => label === "a thread" || label === "a timer thread");
    for (const found of reads) {
      const { variable, start } = found;
      const when =
        view.target === "3.13"
          ? "In 3.13 every thread starts with an empty context, so the value never arrives; from 3.14 on it does on free-threaded builds alone."
          : `In ${view.target} threads start with a copy of the starter's context on free-threaded builds, and with an empty one on builds with the GIL, so the value arrives on one and not on the other.`;
      const way = view.target === "3.13" ? "" : ", or Thread(…, context=copy_context())";
      yield {
        ...starterSets(view, found),
        message: `The thread that is started here reads \`${variable}\`, which its starter has set. ${when} Hand the value over as an argument, or run the function by contextvars.copy_context().run${way}.`,
        start: start.start,
        end: start.end,
      };
    }
  },
);
