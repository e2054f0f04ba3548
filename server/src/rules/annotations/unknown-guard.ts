// Declarations that cannot be followed: a lock that does not exist, or a comment that stands at nothing.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "unknown-guard",
    summary: "A comment about locks names no lock, or stands at nothing that it could be about.",
    family: "annotations",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* ({ file, program }) {
    const { functions, isBroken } = file.facts;
    // While code is half-typed, the lock or the assignment may be what is missing.
    if (isBroken) return;
    for (const { start, end, name, message } of program.annotations.faultsIn(file)) {
      const fn = functions.findLastIndex((it) => it.start <= start && it.end >= end);
      yield { start, end, fn: Math.max(0, fn), symbol: name, message, evidence: "likely", related: [] };
    }
  },
);
