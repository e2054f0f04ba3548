// A declared precondition, `# threadproof: holds[_lock]` at a def: who calls the function holds the lock.
import type { Call } from "../../facts/facts.ts";
import type { DeclaredLock } from "../../program/annotations.ts";
import { isUnderMain, keyOf, type Ref } from "../../program/fileNode.ts";
import { callersLock, isConstructor } from "../../program/locksets.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";

export default defineFileRule(
  {
    name: "caller-must-hold",
    summary: "A function whose comment says that its callers hold a lock is called without it.",
    family: "annotations",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    if (!program.annotations.expectsAnyLock) return;
    for (const call of file.facts.calls) {
      const callee = view.callee(call);
      if (callee === undefined || isBeforeSharing(view, call)) continue;
      for (const lock of program.annotations.heldBy(callee)) {
        const held = program.locksets.held(file, call.fn, call.context);
        if (!held.has(lock.key) && !held.has(callersLock)) yield missing(view, callee, lock, call);
      }
    }
    for (const entry of program.concurrency.entries) {
      if (entry.file !== file) continue;
      const [lock] = program.annotations.heldBy(entry.fn);
      if (lock !== undefined)
        yield missing(view, entry.fn, lock, { ...entry, fn: entry.starter }, entry.label);
    }
  },
);

/** Nobody else knows an object under construction, one just made here, or a module that is being imported. */
function isBeforeSharing({ file, program, intent }: FileView, call: Call): boolean {
  const caller = file.facts.functions[call.fn]!;
  const { root, owner, name, path } = file.place(call.callee);
  if (root === "self" && caller.owner >= 0 && isConstructor(caller.name)) return true;
  if (root === "self" && intent.runsOnlyInConstructor({ file, index: call.fn })) return true;
  if (root === "local" && path.length > 0 && owner === call.fn)
    return file.bindingsOf("local", owner, name).some((binding) => binding.value === "call");
  if (call.fn === 0) return !isUnderMain(file, call.context) && !intent.isBehindStart(file, call.start);
  return (
    !program.concurrency.isEntry(keyOf(file, call.fn)) && intent.runsOnlyAtImport({ file, index: call.fn })
  );
}

function missing(
  view: FileView,
  callee: Ref,
  lock: DeclaredLock,
  at: { readonly start: number; readonly end: number; readonly fn: number },
  thread?: string,
): Issue {
  const name = view.nameOf(callee);
  const how =
    thread === undefined ? "is called here without it" : `is started here in ${thread}, which holds no lock`;
  return {
    start: at.start,
    end: at.end,
    fn: at.fn,
    symbol: lock.text,
    message: `\`${name}\` expects its caller to hold \`${lock.text}\`, and ${how}: what it does there can be torn apart by a thread that does hold it.`,
    evidence: "likely",
    related: [
      {
        path: lock.file.path,
        range: lock.file.range(lock.span.start, lock.span.end),
        message: `\`${name}\` declares here that its callers hold \`${lock.text}\``,
      },
    ],
  };
}
