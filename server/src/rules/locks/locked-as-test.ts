// G4: locked() tells what was; by the time somebody acts on it, another thread has taken or released the lock.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { isKnownLock, type LockCall, lockCalls } from "../shapes/locks.ts";

export default defineFileRule(
  {
    name: "locked-as-test",
    summary: "locked() decides whether to acquire or release; another thread can come in between.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const test of lockCalls(view, "locked")) {
      const { call, kinds, text } = test;
      if (!isKnownLock(kinds) || isForkHandler(view, call.fn) || view.file.facts.functions[call.fn]!.isAsync)
        continue;
      const message = actsOn(view, test);
      if (message === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** The child of a fork has one thread, and locks whose holders are gone. */
function isForkHandler(view: FileView, fn: number): boolean {
  return view.callsTo("os.register_at_fork").some(({ args }) =>
    args.some(({ place }) => {
      const entity = place < 0 ? undefined : view.program.resolver.path(view.file, view.file.place(place));
      return entity?.kind === "function" && entity.ref.file === view.file && entity.ref.index === fn;
    }),
  );
}

function actsOn(view: FileView, test: LockCall): string | undefined {
  const { key, text, call } = test;
  if (takesWhenFree(view, test))
    return `Two threads can both find \`${text}\` free here, and then one waits for the other, though the test was to avoid that. Try and take in one step: \`if ${text}.acquire(blocking=False):\`.`;
  const acquires = [...lockCalls(view, "acquire")].some((a) => a.key === key && a.call.fn === call.fn);
  if (acquires) return undefined;
  for (const release of lockCalls(view, "release")) {
    if (release.key !== key || !isBehind(view, release.call.context, test, true)) continue;
    return `\`locked()\` does not say who holds \`${text}\`: if another thread does, this releases its lock in the middle of its work, and a third gets in. Release where it was acquired, with \`with ${text}:\` or in a finally clause.`;
  }
  return undefined;
}

function takesWhenFree(view: FileView, test: LockCall): boolean {
  return view.file.facts.contexts.some(
    ({ kind, detail, fn, parent, start }, index) =>
      kind === "lock" &&
      detail !== "" &&
      detail !== "async" &&
      fn === test.call.fn &&
      start > test.call.end &&
      view.program.locksets.heldWithin(view.file, index).includes(test.key) &&
      isBehind(view, parent, test, false),
  );
}

/** Whether a context is entered because the lock was found held, or found free. */
function isBehind(view: FileView, context: number, { call }: LockCall, isHeld: boolean): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    const { kind, start, detail, holds, fn } = contexts[at]!;
    if (kind !== "test" || fn !== call.fn || call.start < start || call.end > start + detail.length) continue;
    const isNegated = /\bnot\s+$/.test(detail.slice(0, call.start - start));
    if ((holds !== isNegated) === isHeld) return true;
  }
  return false;
}
