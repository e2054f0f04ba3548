// C12: `self.__init__(…)` called by a method gives an object that others use its first state again, piece by piece.
import { defineFileRule } from "../rule.ts";

const allowed = /^__(init|new|setstate|reduce|copy|deepcopy|getattribute|getattr|setattr|call)__$|fork/;

export default defineFileRule(
  {
    name: "object-reinitialised",
    summary: "A method calls the object's own __init__ again, while other threads may be using the object.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed("__init__")) {
      const { root, path } = view.file.place(call.callee);
      const { name, owner } = view.file.facts.functions[call.fn]!;
      if (root !== "self" || path.length !== 1 || owner < 0 || allowed.test(name)) continue;
      if (view.program.locksets.held(view.file, call.fn, call.context).size > 0) continue;
      const reach = view.reach(call.fn);
      if (reach === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "self.__init__",
        message: `\`__init__\` sets the object's attributes one after the other, and other threads that use the object meanwhile find some of them new and some old; two threads that come here each reset what the other has begun. ${reach.because} Make a new object and publish it with one assignment, or hold the object's lock here and wherever it is used.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);
