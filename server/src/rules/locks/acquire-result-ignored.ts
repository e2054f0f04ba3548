// G3: an acquire that may fail, and nobody looks whether it did.
import { defineFileRule } from "../rule.ts";
import { isKnownLock, lockCalls } from "../shapes/locks.ts";

/** `timeout=-1` waits as long as it takes. */
const isEndless = (call: string) => /(=|,)\s*(-1|None)\s*\)$/.test(call);

/** Locks of files and services whose acquire raises instead of returning False. */
const raising = /^(filelock|portalocker|fasteners|zc)\b/;

export default defineFileRule(
  {
    name: "acquire-result-ignored",
    summary: "acquire is called with a timeout or without blocking, and its result is ignored.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (view.file.facts.imports.some(({ module }) => raising.test(module))) return;
    for (const { call, kinds, text } of lockCalls(view, "acquire")) {
      if (!call.discarded || !isKnownLock(kinds)) continue;
      const timeout = view.argument(call, "timeout", 1);
      const blocking = view.argument(call, "blocking", 0) ?? view.argument(call, "block", 0);
      const tries = blocking?.literal === "False";
      if (!tries && (timeout === undefined || isEndless(view.text.slice(call.start, call.end)))) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `This goes on ${tries ? "at once" : "after the timeout"} whether it has \`${text}\` or not: two threads can be inside together, and the release behind it raises RuntimeError or frees the lock of the other. Test the result: \`if not ${text}.acquire(…): …\`.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);
