// F12: gauss keeps its second value for the next call, and two threads can take the same one.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { threadsAt } from "../shapes/processState.ts";

export default defineFileRule(
  {
    name: "shared-random-gauss",
    summary: "Threads share a generator whose gauss method can give two of them the same number.",
    family: "objects not safe to share",
    severity: "hint",
    status: "stable",
    lockRepairs: true,
  },
  function* (view) {
    for (const call of [...view.callsTo("random.gauss"), ...ofSharedGenerators(view)]) {
      const reach = threadsAt(view, call);
      if (reach === undefined || (reach.evidence === "proven" && !reach.parallel)) continue;
      const text = view.textOf(view.file.place(call.callee));
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `${reach.because} \`${text}\` makes two numbers at a time and keeps one for the next call: two threads that call it at once can both take the kept one, so that their numbers are the same. Use normalvariate, or a random.Random of each thread's own.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);

/** `_rng.gauss(…)`, where `_rng = random.Random()` is a variable of the module. */
function ofSharedGenerators(view: FileView): Call[] {
  return view.callsNamed("gauss").filter((call) => {
    const receiver = view.receiver(call);
    if (receiver?.root !== "global" || receiver.path.length > 0) return false;
    return view.file
      .bindingsOf("global", receiver.owner, receiver.name)
      .some(
        ({ value, source }) =>
          value === "call" && source >= 0 && view.externalName(source) === "random.Random",
      );
  });
}
