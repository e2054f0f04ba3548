// G7: the same data is updated under one lock here and under another one there, so neither keeps the other out.
import type { Access } from "../../facts/facts.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import { isConstructor, type LockKey } from "../../program/locksets.ts";
import { isMutatingMethod } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "different-locks",
    summary: "The same data is updated under different locks in different places.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const told = new Set<string>();
    for (const access of file.facts.accesses) {
      if (!view.isUnderLock(access.context) || !changes(access)) continue;
      const held = knownLocks(view, file, access);
      const location = held.length === 0 ? undefined : program.locationOf(file, access);
      if (location === undefined || told.has(location.key)) continue;
      const other = location.sites.find((site) => conflicts(view, access, held, site));
      if (other === undefined || !isRarer(view, location, held, other, access)) continue;
      told.add(location.key);
      const there = accessOf(other);
      const [mine, theirs] = [nameOf(view, held[0]!), nameOf(view, knownLocks(view, other.file, there)[0]!)];
      const text = view.textOf(file.place(access.place));
      const where = other.file.facts.functions[there.fn]!.qualifiedName;
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: text,
        message: `\`${text}\` is changed here under \`${mine}\` and in \`${where}\` under \`${theirs}\`: two threads hold one each, are both at it, and one update is lost. Choose one of the locks for this data and take it in both places.`,
        evidence: "likely",
        related: [
          {
            path: other.file.path,
            range: other.file.range(there.start, there.end),
            message: `\`${theirs}\` is held here`,
          },
        ],
      };
    }
  },
);

function changes({ op, detail }: Access): boolean {
  if (op === "method") return isMutatingMethod(detail);
  return (
    op === "augment" ||
    op === "item-augment" ||
    op === "item-store" ||
    op === "item-delete" ||
    op === "rebind"
  );
}

/** The locks held at an access, if all of them are known to be made as locks under these names; else none. */
function knownLocks({ program }: FileView, file: FileNode, { fn, context }: Access): readonly LockKey[] {
  const held = [...program.locksets.held(file, fn, context)];
  const areKnown = held.every((key) => {
    const lock = program.locations.all.get(key);
    if (lock === undefined || lock.name.includes(".") || lock.holding.kinds.size === 0) return false;
    return [...lock.holding.kinds].every((kind) => /^(r?lock|condition)$/.test(kind));
  });
  return areKnown ? held : [];
}

function conflicts(view: FileView, access: Access, held: readonly LockKey[], site: Site): boolean {
  const other = accessOf(site);
  if (!changes(other) && other.op !== "iterate") return false;
  if (isConstructor(site.file.facts.functions[other.fn]!.name)) return false;
  const takesSteps = ({ op }: Access) => op === "augment" || op === "item-augment" || op === "iterate";
  if (!takesSteps(access) && !takesSteps(other)) return false;
  const theirs = knownLocks(view, site.file, other);
  return theirs.length > 0 && !theirs.some((key) => held.includes(key));
}

/** Whether fewer accesses hold these locks than hold the other's; of two equals, the later one is reported. */
function isRarer(
  view: FileView,
  location: Location,
  held: readonly LockKey[],
  other: Site,
  access: Access,
): boolean {
  const there = accessOf(other);
  const theirs = knownLocks(view, other.file, there);
  const count = (locks: readonly LockKey[]) =>
    location.sites.filter((site) =>
      knownLocks(view, site.file, accessOf(site)).some((key) => locks.includes(key)),
    ).length;
  const [mine, their] = [count(held), count(theirs)];
  if (mine !== their) return mine < their;
  return other.file === view.file ? there.start < access.start : other.file.path < view.file.path;
}

function nameOf({ program }: FileView, key: LockKey): string {
  const { name, kind } = program.locations.all.get(key)!;
  return kind === "instance" ? `self.${name}` : name;
}
