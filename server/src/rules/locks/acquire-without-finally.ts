// G2: an exception between acquire and release leaves the lock locked for ever.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { type LockCall, lockCalls } from "../shapes/locks.ts";

/** Methods between the two that do not fail: bookkeeping of containers, conditions and clocks. */
const harmless =
  /^(notify|notify_all|notifyAll|wait|append|appendleft|add|discard|set|clear|is_set|time|monotonic|acquire|release|locked)$/;

export default defineFileRule(
  {
    name: "acquire-without-finally",
    summary: "A lock is acquired and released without try/finally, so an exception leaves it locked.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const releases = [...lockCalls(view, "release")].sort((a, b) => a.call.start - b.call.start);
    if (releases.length === 0) return;
    for (const taken of lockCalls(view, "acquire")) {
      const own = releases.filter((r) => r.key === taken.key && r.call.start > taken.call.end);
      const [first] = own.filter((r) => r.call.fn === taken.call.fn);
      // Released by another function, or taken again inside a `with` that releases it.
      if (first === undefined || !isTaking(view, taken) || isAlreadyHeld(view, taken)) continue;
      if (own.some((release) => isSecured(view, taken, release))) continue;
      const risk = firstRisk(view, taken, first);
      if (risk === undefined) continue;
      const { call, text } = taken;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `\`${text}\` is released only when nothing between goes wrong: an exception leaves it locked, and every thread that wants it afterwards waits for ever. Write \`with ${text}:\`, or put the release into a finally clause.`,
        evidence: "likely",
        related: [
          { path: view.file.path, range: risk, message: "an exception here skips the release" },
          {
            path: view.file.path,
            range: view.file.range(first.call.start, first.call.end),
            message: `\`${text}\` is released here`,
          },
        ],
      };
    }
  },
);

/** A statement of its own, or the condition of an `if`; not a test that is thrown away. */
function isTaking({ file }: FileView, { call }: LockCall): boolean {
  if (call.discarded || call.result >= 0) return true;
  return file.facts.contexts.some(
    ({ kind, fn, start }) =>
      kind === "lock" && fn === call.fn && start <= call.start && call.start - start <= "not ".length,
  );
}

function isAlreadyHeld(view: FileView, { call, key }: LockCall): boolean {
  return view.program.locksets.heldWithin(view.file, call.context).includes(key);
}

/** Whether the release runs on the way of an exception: in a finally or except clause, or in an inner function. */
function isSecured(view: FileView, taken: LockCall, { call }: LockCall): boolean {
  const { contexts, functions } = view.file.facts;
  if (call.fn !== taken.call.fn) return functions[call.fn]!.parent === taken.call.fn;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (kind === "finally") return true;
    if (kind === "handler" && /(^|,)(Base)?Exception\b/.test(detail)) return true;
  }
  return false;
}

function isHarmless({ file }: FileView, { callee }: Call): boolean {
  if (callee < 0) return false;
  const { name, path } = file.place(callee);
  return harmless.test(path.at(-1) ?? name);
}

/** The first thing between the two that can raise. */
function firstRisk(view: FileView, taken: LockCall, release: LockCall) {
  const from = taken.call.end;
  const to = release.call.start;
  const isBetween = (x: { fn: number; start: number; end: number }) =>
    x.fn === taken.call.fn && x.start >= from && x.end <= to;
  const { calls, accesses, suspensions } = view.file.facts;
  const risks = [
    ...calls.filter((call) => isBetween(call) && !isHarmless(view, call)),
    ...suspensions.filter(isBetween),
    ...accesses.filter((a) => isBetween(a) && (a.op === "item-read" || a.op === "item-delete")),
  ].sort((a, b) => a.start - b.start);
  return risks[0] === undefined ? undefined : view.file.range(risks[0].start, risks[0].end);
}
