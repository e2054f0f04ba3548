// A11: an object of the module, used by threads, whose method changes two of its attributes and takes no lock.
import type { Call } from "../../facts/facts.ts";
import { keyOf, type Ref } from "../../program/fileNode.ts";
import { mutates, resizes } from "../../program/operations.ts";
import { safeToShare } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "unlocked-singleton",
    summary:
      "Threads call a method of a module's object that changes several of its attributes without a lock.",
    family: "shared state",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const spoken = new Set<number>();
    for (const call of file.facts.calls) {
      if (!isMetByThreads(view, call)) continue;
      const target = methodOfGlobal(view, call);
      if (target === undefined || spoken.has(keyOf(target.method.file, target.method.index))) continue;
      if (program.locksets.held(file, call.fn, call.context).size > 0) continue;
      const changed = changedAttributes(view, target.method);
      if (changed.length < 2 || takesLocks(view, target.receiver)) continue;
      spoken.add(keyOf(target.method.file, target.method.index));
      const { method, symbol } = target;
      const fact = method.file.facts.functions[method.index]!;
      const names = `\`self.${changed[0]}\` and \`self.${changed[1]}\``;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol,
        message: `Threads share \`${symbol}\`, and \`${fact.qualifiedName}\` changes ${names} one after the other without a lock; another thread sees the object half changed. Give the class a lock and hold it in every method that uses them.`,
        evidence: "likely",
        related: [
          {
            path: method.file.path,
            range: method.file.range(fact.nameStart, fact.nameEnd),
            message: `\`${fact.qualifiedName}\` changes ${names}`,
          },
        ],
      };
    }
  },
);

/** Whether two threads can be in the function at once, by the program's own thread starts. */
function isMetByThreads({ file, program }: FileView, { fn }: Call): boolean {
  const key = keyOf(file, fn);
  const routes = program.concurrency.routes(key);
  if (routes.length === 0) return false;
  return routes.length > 1 || routes.some((r) => r.entry.parallel) || program.concurrency.runsOutside(key);
}

/** The method that `registry.remember(…)` runs, when `registry` is a variable of a module. */
function methodOfGlobal(
  view: FileView,
  call: Call,
): { method: Ref; receiver: Ref; symbol: string } | undefined {
  const entity = view.entity(call);
  if (entity?.kind !== "method") return undefined;
  const { root, name, path } = view.file.place(call.callee);
  if (root !== "global" || path.length !== 1) return undefined;
  if (view.program.resolver.global(view.file, name)?.kind !== "variable") return undefined;
  return { method: entity.ref, receiver: entity.receiver, symbol: name };
}

/** Attributes of `self` that the method changes, when a container is among them; single updates have own rules. */
function changedAttributes({ program }: FileView, { file, index }: Ref): string[] {
  const names = new Set<string>();
  let changesContainer = false;
  for (const access of file.facts.accesses) {
    if (access.fn !== index || access.op === "augment" || !mutates(access)) continue;
    const { root, path } = file.place(access.place);
    const location = program.locationOf(file, access);
    if (root !== "self" || path.length !== 1 || location?.kind !== "instance") continue;
    const { kinds } = location.holding;
    if ([...kinds].some((kind) => safeToShare.has(kind))) continue;
    if (resizes(access)) {
      if (!["list", "dict", "set", "deque", "OrderedDict", "defaultdict"].some((k) => kinds.has(k as never)))
        continue;
      changesContainer = true;
    }
    names.add(path[0]!);
  }
  return changesContainer ? [...names] : [];
}

/** Whether any method of the class takes a lock, or the class keeps its data per thread. */
function takesLocks({ program }: FileView, cls: Ref): boolean {
  if (program.resolver.externalBases(cls).some((base) => /(^|\.)_?local$/.test(base))) return true;
  return program.resolver.lineage(cls).some(({ file, index }) => {
    const { classes, contexts, functions } = file.facts;
    if (classes[index]!.documentedUnsafe) return true;
    return contexts.some((c) => c.kind === "lock" && functions[c.fn]!.owner === index);
  });
}
