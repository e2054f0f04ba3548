// L6: decisions by `sys.getrefcount`, and weak references that are expected dead right after `del`.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "refcount-dependence",
    summary: "The program counts on exact reference counts, or on objects that die at once.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("sys.getrefcount")) {
      if (!isCompared(view, call)) continue;
      yield {
        ...spot(call),
        symbol: "sys.getrefcount",
        message:
          "Reference counts are split between the owning thread and all others, and those of functions, modules and classes are deferred, so the number is no number of users: it can be too large, and another thread can change it before it is compared. Count the users yourself, under a lock.",
        evidence: "likely",
        related: [],
      };
    }
    for (const call of view.callsTo("weakref.ref")) {
      const found = call.result < 0 ? undefined : deadAfterDelete(view, call);
      if (found === undefined) continue;
      const symbol = view.textOf(view.file.place(call.result));
      yield {
        ...spot(found),
        symbol,
        message: `\`${symbol}\` is expected dead right after the object's last name is deleted. Without the GIL an object that another thread has held dies later, when the thread that made it merges its count, so this test can still see it. Close or release it explicitly instead of waiting for its death.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

const spot = ({ start, end, fn }: Call) => ({ start, end, fn });

function isCompared({ text }: FileView, { start, end }: Call): boolean {
  return (
    /^\s*(==|!=|<=?|>=?)/.test(text.slice(end, end + 8)) ||
    /(==|!=|<=?|>=?)\s*$/.test(text.slice(Math.max(0, start - 8), start))
  );
}

/** The question whether the reference is dead, asked behind `del x` without a collection in between. */
function deadAfterDelete(view: FileView, made: Call): Call | undefined {
  const target = made.args[0]?.place ?? -1;
  if (target < 0) return undefined;
  const { text } = view;
  const asked = view.file.facts.calls.find(
    ({ callee, fn, start, end }) =>
      callee === made.result &&
      fn === made.fn &&
      start > made.end &&
      /^\s*is\s+(not\s+)?None\b/.test(text.slice(end, end + 20)),
  );
  if (asked === undefined) return undefined;
  // Accesses to variables of one function only are no facts: nothing shared is in them.
  const name = view.textOf(view.file.place(target)).replaceAll(".", "\\.");
  const between = text.slice(made.end, asked.start);
  const isCollected = view.callsTo("gc.collect").some(({ start }) => start > made.end && start < asked.start);
  return !isCollected && new RegExp(`^\\s*del\\s+${name}\\b`, "m").test(between) ? asked : undefined;
}
