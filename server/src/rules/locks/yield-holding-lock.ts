// G12: a generator that yields under a lock keeps it locked for as long as its consumer likes.
import { defineFileRule } from "../rule.ts";
import { takenHere } from "../shapes/locks.ts";

/** Generators that somebody runs to their end at once, or that are no generators to their users. */
const driven =
  /context_?manager$|fixture$|^(coroutine|inlineCallbacks|hookimpl|hook_impl|hookspec|task|composite)$|lifespan/i;

export default defineFileRule(
  {
    name: "yield-holding-lock",
    summary: "A generator yields while it holds a lock.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { facts } = view.file;
    const told = new Set<number>();
    for (const { kind, fn, context, start, end } of facts.suspensions) {
      if (kind !== "yield") continue;
      const isDriven = facts.functions[fn]!.decorators.some((decorator) => {
        if (decorator < 0) return false;
        const { name, path } = view.file.place(decorator);
        return driven.test(path.at(-1) ?? name);
      });
      if (isDriven) continue;
      for (const lock of view.locksAround(context)) {
        if (lock.kinds.has("semaphore") || told.has(lock.start)) continue;
        told.add(lock.start);
        yield {
          start,
          end,
          fn,
          symbol: lock.text,
          message: `\`${lock.text}\` stays locked until the consumer asks for more: other threads wait meanwhile, for ever if it stops half-way and keeps the generator, and a consumer in the same thread that needs the lock waits for itself. Copy under the lock and yield from the copy.`,
          evidence: "likely",
          related: [takenHere(view, lock)],
        };
        break;
      }
    }
  },
);
