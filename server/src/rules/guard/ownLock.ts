// The lock that an object, class or module has for all that is its own: called no more than a lock, and nothing against
// its guarding one thing more.
import { type FileNode, keyOf } from "../../program/fileNode.ts";
import type { Location } from "../../program/locations.ts";
import type { LockKey } from "../../program/locksets.ts";
import type { Program } from "../../program/program.ts";
import { conflictOf, type LockedRegion } from "./order.ts";
import type { Reentry } from "./reentry.ts";

/** A lock named after something guards that, and not whatever lies beside it. */
const unnamed = /^_*(r?_?lock|mutex|guard|thread_?lock|state_?lock)_*$/i;

export interface OwnLock {
  readonly key: LockKey;
  /** As methods of the class, or functions of the module, write it. */
  readonly text: string;
  readonly file: FileNode;
}

export class OwnLocks {
  private locks: Location[] | undefined;

  constructor(
    private readonly program: Program,
    private readonly reentry: Reentry,
  ) {}

  /** The lock beside the location; undefined when there is none, more than one, or one that may be missing. */
  beside({ kind, cls, file }: Location): OwnLock | undefined {
    const { resolver } = this.program;
    this.locks ??= [...this.program.locations.locks.values()].filter(isPlainLock);
    const lineage = cls === undefined ? [] : resolver.lineage(cls).map((ref) => keyOf(ref.file, ref.index));
    const found = this.locks.filter((lock) => {
      if (lock.cls === undefined) return kind === "global" && lock.kind === "global" && lock.file === file;
      return lock.kind === kind && lineage.includes(keyOf(lock.cls.file, lock.cls.index));
    });
    const [lock, ...more] = found;
    if (lock === undefined || more.length > 0) return undefined;
    if (lock.cls === undefined) return { key: lock.key, text: lock.name, file };
    const isMadeAtStart = resolver.attributeBindings(lock.cls, lock.name).some(({ fn }) => {
      const { name, owner } = lock.cls!.file.facts.functions[fn]!;
      return kind === "class" ? owner !== lock.cls!.index : name === "__init__";
    });
    const text = `${kind === "class" ? "cls" : "self"}.${lock.name}`;
    return isMadeAtStart ? { key: lock.key, text, file: lock.cls.file } : undefined;
  }

  /** Whether the regions may run under it. */
  suits(lock: OwnLock, regions: readonly LockedRegion[]): boolean {
    if (conflictOf(this.program, this.reentry, regions, lock.key) !== undefined) return false;
    const isReentrant = this.program.locations.all.get(lock.key)?.holding.kinds.has("rlock") === true;
    return isReentrant || !regions.some((region) => this.reentry.mayComeBack(region));
  }
}

function isPlainLock({ name, kind }: Location): boolean {
  return kind !== "closure" && !name.includes(".") && unnamed.test(name);
}
