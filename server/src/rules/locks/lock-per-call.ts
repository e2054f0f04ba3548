// G1: a lock that is made by each call is a different lock for each thread and keeps nobody out.
import type { Call } from "../../facts/facts.ts";
import { isConstructor } from "../../program/locksets.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { lockMakers } from "../shapes/locks.ts";

export default defineFileRule(
  {
    name: "lock-per-call",
    summary: "A lock is made by the same call that takes it, so each thread has one of its own.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo(
      ...lockMakers,
      "asyncio.Lock",
      "multiprocessing.Lock",
      "multiprocessing.RLock",
    )) {
      if (call.managed) yield issue(view, call, "");
      else if (call.result >= 0 && call.fn !== 0 && isTakenAlone(view, call))
        yield issue(view, call, view.textOf(view.file.place(call.result)));
    }
  },
);

function issue(view: FileView, call: Call, name: string): Issue {
  const symbol = name === "" ? view.text.slice(call.start, call.end) : name;
  const fn = view.file.facts.functions[call.fn]!.qualifiedName;
  return {
    start: call.start,
    end: call.end,
    fn: call.fn,
    symbol,
    message: `Every run of \`${fn}\` makes a lock of its own and takes that: two threads hold two different locks and are both inside at once, as if there were none. Make the lock once, as a module variable or in \`__init__\`, and take it here.`,
    evidence: "likely",
    related: [],
  };
}

/** Whether the function that makes the lock takes it too, and nobody else can have it. */
function isTakenAlone(view: FileView, { result, fn, end, context }: Call): boolean {
  const { facts } = view.file;
  const { root, owner, name, path } = view.file.place(result);
  const takings = facts.contexts.filter((c) => c.kind === "lock" && c.place === result && c.fn === fn);
  if (takings.length === 0) return false;
  if (root === "self" && path.length === 1) {
    // Made anew by a method, and taken by it right away; behind a test it is made lazily, which has its own rule.
    const isGuarded = facts.contexts[context]!.kind !== "none";
    return !isGuarded && !isConstructor(facts.functions[fn]!.name) && takings.some((c) => c.start > end);
  }
  if (root !== "local" || owner !== fn || path.length > 0) return false;
  const known = new Set(takings.map((c) => c.start));
  for (const binding of facts.bindings) if (binding.place === result) known.add(binding.start);
  for (const call of facts.calls) {
    const receiver = call.fn === fn ? view.receiver(call) : undefined;
    if (receiver?.root === "local" && receiver.name === name && receiver.path.length === 0)
      known.add(call.start);
  }
  // Every other mention hands it to somebody: an argument, a closure, a container.
  const { start } = facts.functions[fn]!;
  const body = view.text.slice(start, facts.functions[fn]!.end).replace(/#.*/g, (c) => " ".repeat(c.length));
  return [...body.matchAll(new RegExp(`(?<![\\w.])${name}\\b`, "g"))].every((m) =>
    known.has(start + m.index),
  );
}
