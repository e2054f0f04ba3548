// H5: a module that is being imported waits for a thread that needs that import to be finished.
import type { Call } from "../../facts/facts.ts";
import { type FileNode, isUnderMain, keyOf, type Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

/** How deep the thread's calls are followed to see what it imports. */
const deepestCall = 3;

export default defineFileRule(
  {
    name: "import-deadlock",
    summary: "A module waits, while it is imported, for a thread that imports it or its package.",
    family: "deadlocks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const entries = view.program.concurrency.entries.filter(
      (entry) => entry.file === view.file && entry.starter === 0,
    );
    for (const entry of entries) {
      const made = view.file.facts.calls.find((c) => c.start === entry.start && c.end === entry.end);
      const wait = made === undefined ? undefined : waitFor(view, made);
      if (wait === undefined) continue;
      const needs = importOfSelf(view, entry.fn);
      if (needs === undefined) continue;
      yield {
        start: wait.start,
        end: wait.end,
        fn: 0,
        symbol: view.file.facts.functions[entry.fn.file === view.file ? entry.fn.index : 0]!.name,
        message: `This waits, in the middle of the import of this module, for ${entry.label} that imports it as well. The thread waits for the import lock until the import is finished, and the import waits here for the thread: neither goes on. Start and join threads in a function that is called after the import.`,
        evidence: "proven",
        related: [
          ...traceOf({ entry, calls: [] }),
          {
            path: needs.file.path,
            range: needs.file.range(needs.start, needs.end),
            message: "the thread imports it here",
          },
        ],
      };
    }
  },
);

/** A call at the top level, outside the main guard, that waits for what another call has started. */
function waitFor(view: FileView, made: Call): Call | undefined {
  if (isUnderMain(view.file, made.context)) return undefined;
  const started = view.file.place(made.callee).path.at(-1);
  for (const call of view.callsNamed("join", "result")) {
    if (call.fn !== 0 || call.start < made.start || isUnderMain(view.file, call.context)) continue;
    const receiver = view.receiver(call);
    if (receiver === undefined) continue;
    if (receiver.root === "call" && receiver.owner === made.callee && started === "submit") return call;
    const bound = made.result < 0 ? undefined : view.file.place(made.result);
    if (
      bound?.root === receiver.root &&
      bound.name === receiver.name &&
      receiver.path.length === bound.path.length
    )
      return call;
  }
  return undefined;
}

interface Import {
  readonly file: FileNode;
  readonly start: number;
  readonly end: number;
}

/** Where the thread imports the module that waits for it, or something in the package whose `__init__` that is. */
function importOfSelf(view: FileView, fn: Ref, depth = 0): Import | undefined {
  const { file, index } = fn;
  for (const item of file.facts.imports) {
    if (item.fn === index && isSelf(view, file, item.local))
      return { file, start: item.start, end: item.end };
  }
  for (const call of file.facts.calls) {
    if (call.fn !== index || call.callee < 0) continue;
    const { name, path } = file.place(call.callee);
    const isImport = /^(__import__|import_module)$/.test(path.at(-1) ?? name);
    const [first] = call.args;
    if (
      isImport &&
      file === view.file &&
      first !== undefined &&
      first.place >= 0 &&
      file.place(first.place).name === "__name__"
    )
      return { file, start: call.start, end: call.end };
  }
  if (depth === deepestCall) return undefined;
  for (const { fn: next } of view.program.callGraph.calleesOf(keyOf(file, index))) {
    const found = importOfSelf(view, next, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether an import inside a function names the file that is being imported, or a part of its package. */
function isSelf(view: FileView, file: FileNode, local: string): boolean {
  const item = file.facts.imports.find((i) => i.local === local && i.fn !== 0);
  if (item === undefined) return false;
  const target = view.program.resolver.path(file, { root: "local", owner: item.fn, name: local, path: [] });
  const home =
    target?.kind === "module" || target?.kind === "variable"
      ? target.file
      : target?.kind === "function" || target?.kind === "class"
        ? target.ref.file
        : undefined;
  if (home === undefined) return false;
  if (home === view.file) return true;
  const folder = /^(.*\/)__init__\.py$/.exec(view.file.path)?.[1];
  return folder !== undefined && home.path.startsWith(folder);
}
