// L13: a task of an InterpreterPoolExecutor changes a copy, not the object that it was given.
import type { Argument } from "../../facts/facts.ts";
import { mutates } from "../../program/operations.ts";
import { isMutatingMethod } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "interpreter-pool-shared-state",
    summary: "A task of an interpreter pool changes data that it has a copy of.",
    family: "GIL-reliant idioms",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const pools = view
      .callsTo(
        "concurrent.futures.InterpreterPoolExecutor",
        "concurrent.futures.interpreter.InterpreterPoolExecutor",
      )
      .filter(({ result }) => result >= 0)
      .map(({ result }) => view.textOf(view.file.place(result)));
    if (pools.length === 0) return;
    for (const call of view.callsNamed("submit", "map")) {
      const pool = view.receiver(call);
      const task = call.args[0];
      if (pool === undefined || task === undefined || !pools.includes(view.textOf(pool))) continue;
      const changed = changedBy(view, task);
      if (changed === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: changed,
        message: `Each worker of this pool is an interpreter of its own, with its own GIL and its own modules: the task changes a copy of \`${changed}\`, and this program never sees the change. It is not the free-threaded build. Return the result and collect it here, or use ThreadPoolExecutor with a lock.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** The object of this program that a task means to change: `shared.append`, or a function that changes a global. */
function changedBy(view: FileView, { place, lambda }: Argument): string | undefined {
  const { accesses } = view.file.facts;
  if (place >= 0) {
    const { path, ...rest } = view.file.place(place);
    if (isMutatingMethod(path.at(-1) ?? "")) return view.textOf({ ...rest, path: path.slice(0, -1) });
  }
  const entity = place < 0 ? undefined : view.program.resolver.path(view.file, view.file.place(place));
  const fn = entity?.kind === "function" && entity.ref.file === view.file ? entity.ref.index : lambda;
  if (fn < 0) return undefined;
  const change = accesses.find(
    (access) => access.fn === fn && mutates(access) && view.file.place(access.place).root === "global",
  );
  return change && view.textOf(view.file.place(change.place));
}
