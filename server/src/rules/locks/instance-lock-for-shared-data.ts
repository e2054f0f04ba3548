// G6: data that all objects share is updated under a lock that each object has for itself.
import type { Access } from "../../facts/facts.ts";
import { keyOf, type Ref } from "../../program/fileNode.ts";
import type { Location } from "../../program/locations.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { lockMakers, takenHere } from "../shapes/locks.ts";

export default defineFileRule(
  {
    name: "instance-lock-for-shared-data",
    summary: "Data of the module or class is updated under a lock that each instance has for itself.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const told = new Set<string>();
    for (const access of file.facts.accesses) {
      if (!view.isUnderLock(access.context) || !/^(augment|item-augment|item-store|rebind)$/.test(access.op))
        continue;
      const lock = ownLock(view, access);
      if (lock === undefined) continue;
      const location = program.locationOf(file, access);
      if (location === undefined || (location.kind !== "global" && location.kind !== "class")) continue;
      if (isOwnAttribute(view, access) || !isCompound(view, access, location) || isSingle(view, lock.cls))
        continue;
      const key = `${access.fn}/${location.key}`;
      if (told.has(key)) continue;
      told.add(key);
      const text = view.textOf(file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: text,
        message: `Each object has a \`${lock.text}\` of its own, and \`${text}\` is one for all: two threads with two objects hold two locks, are both here, and one update is lost. Guard it with a lock that lives where the data does, in the ${location.kind === "global" ? "module" : "class"}.`,
        evidence: "likely",
        related: [takenHere(view, lock, `\`${lock.text}\` of this object is taken here`)],
      };
    }
  },
);

/** The instance's lock around an access, when no other kind of lock is held there. */
function ownLock(view: FileView, access: Access): { start: number; text: string; cls: Ref } | undefined {
  const { file, program } = view;
  const { contexts } = file.facts;
  let found: { start: number; text: string; cls: Ref } | undefined;
  let count = 0;
  for (let at = access.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, place, start } = contexts[at]!;
    if (kind !== "lock") continue;
    const lock = file.place(place);
    if (
      lock.root !== "self" ||
      lock.path.length !== 1 ||
      program.locations.of(file, lock)?.kind !== "instance"
    )
      return undefined;
    const cls = { file, index: lock.owner };
    if (!isMadeHere(view, cls, lock.path[0]!)) return undefined;
    found ??= { start, text: view.textOf(lock), cls };
    count += 1;
  }
  return found !== undefined && program.locksets.held(file, access.fn, access.context).size <= count
    ? found
    : undefined;
}

/** Whether the class makes the lock itself; one that is given to it may be the same for all. */
function isMadeHere({ program }: FileView, cls: Ref, name: string): boolean {
  const bindings = program.resolver
    .lineage(cls)
    .flatMap((ref) =>
      program.resolver.attributeBindings(ref, name).map((binding) => ({ file: ref.file, binding })),
    );
  return (
    bindings.length > 0 &&
    bindings.every(({ file, binding }) => {
      if (binding.value !== "call" || binding.source < 0) return false;
      const entity = program.resolver.path(file, file.place(binding.source));
      return entity?.kind === "external" && lockMakers.includes(entity.name);
    })
  );
}

/** `self.done = True` gives the object an attribute of its own, whatever its class begins with. */
function isOwnAttribute({ file }: FileView, { place, op }: Access): boolean {
  return file.place(place).root === "self" && (op === "rebind" || op === "augment");
}

/** An update in place, or a store that a look at the same data has decided. */
function isCompound(view: FileView, access: Access, location: Location): boolean {
  if (access.op === "augment" || access.op === "item-augment") return true;
  const { contexts, accesses } = view.file.facts;
  for (let at = access.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, from, to } = contexts[at]!;
    if (kind !== "test") continue;
    if (accesses.slice(from, to).some((a) => view.program.locationOf(view.file, a) === location)) return true;
  }
  return false;
}

/** One object of the class for the whole module, so that its lock is one as well. */
function isSingle({ program }: FileView, cls: Ref): boolean {
  if (!program.globalInstances.has(keyOf(cls.file, cls.index))) return false;
  const made = program.resolver.method(cls, "__init__");
  return made !== undefined && program.callGraph.callersOf(keyOf(made.file, made.index)).length <= 1;
}
