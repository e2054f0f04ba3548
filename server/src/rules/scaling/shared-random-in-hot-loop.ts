// E7, 6.3: the functions of the module `random` are methods of one generator, which all threads share.
import { keyOf } from "../../program/fileNode.ts";
import { defineFileRule } from "../rule.ts";
import { isTight, loopAround } from "../shapes/tightLoop.ts";

const functions =
  "random randint randrange uniform triangular choice choices sample shuffle getrandbits normalvariate expovariate betavariate".split(
    " ",
  );

export default defineFileRule(
  {
    name: "shared-random-in-hot-loop",
    summary: "Worker threads draw from the one generator of the module random in a tight loop.",
    family: "scaling",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const seen = new Set<number>();
    for (const call of view.callsTo(...functions.map((name) => `random.${name}`))) {
      if (!program.concurrency.isReached(keyOf(file, call.fn))) continue;
      const loop = loopAround(view, call.context);
      if (loop === undefined || seen.has(loop) || !isTight(view, loop, () => false)) continue;
      const reach = view.reach(call.fn);
      if (reach?.evidence !== "proven" || !reach.parallel) continue;
      seen.add(loop);
      const name = view.textOf(file.place(call.callee));
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: name,
        message: `\`${name}\` draws from the one generator that all threads share; it is safe, but in a loop that does little else the threads take turns. ${reach.because} Make a \`random.Random()\` for each thread and call its methods.`,
        evidence: "proven",
        related: reach.trace,
      };
    }
  },
);
