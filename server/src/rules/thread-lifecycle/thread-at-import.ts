// I2: importing a module starts a thread, before anybody could configure, test or refuse it.
import type { Call } from "../../facts/facts.ts";
import { type FileNode, isUnderMain } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "thread-at-import",
    summary: "Importing the module starts a thread.",
    family: "thread lifecycle",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const starts = view.callsNamed("start").filter((call) => isThreadStart(view, call));
    const submits = view.callsNamed("submit").filter((call) => isSubmit(view, call));
    for (const call of [...starts, ...submits].sort((a, b) => a.start - b.start)) {
      const importer = importerOf(view);
      if (importer === undefined) return; // a script starts what it likes
      yield {
        start: call.start,
        end: call.end,
        fn: 0,
        symbol: "<module>",
        message: `\`${moduleOf(importer)}\`, which imports this module, starts a thread by it. The thread runs beside the rest of this module and of the modules that import it, while their names are not bound yet; if it imports something itself, it waits for import locks; after a fork it is gone. Start it in a function that the program calls.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

function isAtImport(view: FileView, call: Call): boolean {
  return call.fn === 0 && !isUnderMain(view.file, call.context);
}

function isThreadStart(view: FileView, call: Call): boolean {
  const receiver = isAtImport(view, call) ? view.receiver(call) : undefined;
  if (receiver === undefined) return false;
  const isThread = (name: string) => /^threading\.(Thread|Timer)$/.test(name);
  if (receiver.root === "call" && receiver.path.length === 0) {
    const made = view.program.resolver.path(view.file, view.file.place(receiver.owner));
    if (made?.kind === "class") return view.program.resolver.externalBases(made.ref).some(isThread);
    return made?.kind === "external" && isThread(made.name);
  }
  const held = view.program.resolver.holding(view.file, receiver);
  if (held?.kinds.has("thread")) return true;
  return held?.classes.some((cls) => view.program.resolver.externalBases(cls).some(isThread)) ?? false;
}

function isSubmit(view: FileView, call: Call): boolean {
  const receiver = isAtImport(view, call) ? view.receiver(call) : undefined;
  if (receiver === undefined) return false;
  return view.program.resolver.holding(view.file, receiver)?.kinds.has("executor") ?? false;
}

/** A file of the program that imports this one; scripts have none. */
function importerOf(view: FileView): FileNode | undefined {
  const parts = view.file.path.replace(/\.py$/, "").split("/");
  if (parts.at(-1) === "__init__") parts.pop();
  const name = parts.at(-1)!;
  for (const other of view.program.files.values()) {
    if (other === view.file) continue;
    const isImported = other.facts.imports.some((item) => {
      if (item.name !== name && item.module.split(".").at(-1) !== name) return false;
      const entity = view.program.resolver.path(other, {
        root: "global",
        owner: 0,
        name: item.local,
        path: [],
      });
      if (entity?.kind === "module") return entity.file === view.file;
      if (entity?.kind === "variable") return entity.file === view.file;
      return (entity?.kind === "function" || entity?.kind === "class") && entity.ref.file === view.file;
    });
    if (isImported) return other;
  }
  return undefined;
}

function moduleOf({ path }: FileNode): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
