// H1: two ways through the program take the same locks in opposite orders; two threads on them wait for each other.
import type { RelatedLocation } from "../../findings/finding.ts";
import type { LockCycle } from "../../program/lockCycles.ts";
import type { Nesting } from "../../program/lockOrder.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "lock-order-inversion",
    summary: "Two locks are taken in one order here and in the opposite order elsewhere.",
    family: "deadlocks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const cycle of view.program.lockOrder.cyclesIn(view.file)) {
      const { outer } = cycle.nestings[0]!;
      yield {
        start: outer.start,
        end: outer.end,
        fn: outer.fn,
        symbol: outer.text,
        message: messageFor(cycle),
        evidence: cycle.isProven ? "proven" : "likely",
        related: cycle.nestings.flatMap((nesting) => wayOf(nesting)),
      };
    }
  },
);

function messageFor({ nestings }: LockCycle): string {
  const [here, ...others] = nestings;
  const first = `\`${here!.outer.text}\` is held here when ${takenThrough(here!)}`;
  const rest = others.map((n) => `\`${functionOf(n)}\` holds \`${n.outer.text}\` when ${takenThrough(n)}`);
  const end =
    others.length === 1
      ? "Two threads that have one lock each wait for the other's for ever"
      : "Threads that have one lock each wait for the next one's in a ring, for ever";
  return `${first}; ${rest.join("; ")}. ${end}. Take the locks in the same order everywhere, or release the first before taking the second.`;
}

function takenThrough({ calls, inner }: Nesting): string {
  const [call] = calls;
  if (call === undefined) return `\`${inner.text}\` is taken`;
  return `\`${functionOf({ outer: inner })}\` takes \`${inner.text}\``;
}

function functionOf({ outer }: Pick<Nesting, "outer">): string {
  return outer.file.facts.functions[outer.fn]!.qualifiedName;
}

/** The steps of one way: the lock held, the calls, the lock wanted. */
function wayOf({ outer, calls, inner }: Nesting): RelatedLocation[] {
  const at = ({ file, start, end }: Nesting["outer"]) => ({ path: file.path, range: file.range(start, end) });
  return [
    { ...at(outer), message: `\`${functionOf({ outer })}\` takes \`${outer.text}\` first` },
    ...calls.map(({ file, call }) => ({
      path: file.path,
      range: file.range(call.start, call.end),
      message: `\`${file.facts.functions[call.fn]!.qualifiedName}\` makes this call while it is held`,
    })),
    { ...at(inner), message: `then \`${inner.text}\`` },
  ];
}
