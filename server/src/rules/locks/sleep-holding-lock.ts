// G10, its certain part: sleeping with a lock held makes every other thread sleep too.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "sleep-holding-lock",
    summary: "time.sleep is called while a lock is held.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("time.sleep")) {
      if (call.args[0]?.literal === "0") continue; // gives up the rest of its turn, nothing more
      for (const lock of view.locksAround(call.context)) {
        if (lock.kinds.has("semaphore")) continue; // lets several in; bounding slow work is what it is for
        yield {
          start: call.start,
          end: call.end,
          fn: call.fn,
          symbol: lock.text,
          message: `\`${lock.text}\` stays locked while this thread sleeps, and every thread that needs it waits as long. Sleep outside, or use Condition.wait with a timeout, which releases the lock.`,
          evidence: "likely",
          related: [
            {
              path: view.file.path,
              range: view.file.range(lock.start, lock.start),
              message: `\`${lock.text}\` is taken here`,
            },
          ],
        };
        break;
      }
    }
  },
);
