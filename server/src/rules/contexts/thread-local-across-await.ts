// K7: between two awaits of one task, the other tasks of the same thread share its thread-locals.
import type { Access } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "thread-local-across-await",
    summary:
      "A coroutine sets a thread-local attribute and reads it after an await, when other tasks may have set it.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { facts } = view.file;
    if (facts.suspensions.length === 0) return;
    for (const access of facts.accesses) {
      if (access.op !== "rebind" || !facts.functions[access.fn]!.isAsync || !isThreadLocal(view, access))
        continue;
      const later = nextUse(view, access);
      const pause =
        later === undefined
          ? undefined
          : facts.suspensions.find(
              ({ kind, fn, start, end }) =>
                kind === "await" && fn === access.fn && start > access.end && end <= later.start,
            );
      if (later === undefined || pause === undefined || later.op === "rebind") continue;
      const text = view.textOf(view.file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: text,
        message: `All tasks of this event loop run in one thread and share its \`${text}\`: while this one awaits, another can set it, and this one goes on with the other's value. Use a contextvars.ContextVar, which each task has for itself.`,
        evidence: "likely",
        related: [
          {
            path: view.file.path,
            range: view.file.range(pause.start, pause.end),
            message: "other tasks run while this awaits",
          },
          {
            path: view.file.path,
            range: view.file.rangeOf(later),
            message: `\`${text}\` is read again here`,
          },
        ],
      };
    }
  },
);

function isThreadLocal(view: FileView, access: Access): boolean {
  const place = view.file.place(access.place);
  if (place.path.length === 0) return false;
  const storage = { ...place, path: place.path.slice(0, -1) };
  return view.program.resolver.holding(view.file, storage)?.kinds.has("thread-local") ?? false;
}

/** The next use of the same attribute in the function behind its next await. */
function nextUse(view: FileView, { fn, end, place }: Access): Access | undefined {
  const { accesses, suspensions } = view.file.facts;
  const pause = suspensions.find((s) => s.kind === "await" && s.fn === fn && s.start > end);
  if (pause === undefined) return undefined;
  return accesses.find(
    (a) => a.fn === fn && a.place === place && a.start >= pause.end && !/^setattr$/.test(a.detail),
  );
}
