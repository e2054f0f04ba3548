// Decides whether a compound operation can meet another thread: which conflicting accesses there are, which
// locks both sides hold, and how much is known about the threads that run them.
import type { Access } from "../facts/facts.ts";
import type { Evidence } from "../findings/finding.ts";
import { EvidenceFinder, type Meeting } from "./evidence.ts";
import { type FileNode, isUnderMain, keyOf } from "./fileNode.ts";
import type { Intent } from "./intent.ts";
import { accessOf, type Location, type Site } from "./locations.ts";
import { callersLock, isConstructor, type LockKey } from "./locksets.ts";
import { mutates } from "./operations.ts";
import type { Program } from "./program.ts";

/** An operation of several steps that another thread could come between. */
export interface CompoundOperation {
  /** The earlier access of the operation, when it has two; an index into the file's accesses. */
  readonly first?: number;
  /** A later access that still belongs to the operation, such as the last step of filling what has been stored. */
  readonly last?: number;
  /** Which accesses of other threads break it. */
  readonly conflicts: (other: Access) => boolean;
  /** The harm happens after the lock is released, so holding one now is no protection. */
  readonly unlocked?: true;
  /** Whether two threads doing this same operation break each other. */
  readonly withItself: boolean;
}

export interface Race extends Meeting {
  /** The access of the other thread; the same site when the operation races with itself. */
  readonly other: Site;
  /** The lock that guards the location elsewhere. */
  readonly guard: Guard | undefined;
}

/** The lock that most accesses of a location hold. */
export interface Guard {
  readonly lock: LockKey;
  /** Source text of the lock at one of the accesses. */
  readonly text: string;
  readonly site: Site;
  readonly guarded: number;
  readonly total: number;
  /** The same for the accesses that change the data, for whose sake a lock is taken in the first place. */
  readonly guardedChanges: number;
  readonly changes: number;
}

export class RaceFinder {
  private readonly guards = new Map<Location, Guard | null>();
  private readonly reached = new Map<Location, boolean>();
  /** By file and access: 1 for concurrent places, -1 for others, 0 for those not yet looked at. */
  private readonly concurrent = new Map<FileNode, Int8Array>();

  private readonly evidence: EvidenceFinder;

  constructor(
    private readonly program: Program,
    private readonly intent: Intent,
  ) {
    this.evidence = new EvidenceFinder(program, intent);
  }

  /**
   * The race that a matched operation takes part in, or undefined when it is safe.
   * @param site a place that `isConcurrentPlace` has let pass
   */
  find(site: Site, location: Location, operation: CompoundOperation): Race | undefined {
    if (location.kind === "closure" && !isCaptured(location)) return undefined;
    if (operation.unlocked !== true && this.isProtected(site, location, operation)) return undefined;
    let best: Race | undefined;
    for (const other of this.conflicts(site, location, operation)) {
      const otherLocks = this.program.locksets.held(other.file, accessOf(other).fn, accessOf(other).context);
      if (otherLocks.has(callersLock)) continue;
      const found = this.evidence.find(site, other, location);
      if (found === undefined) continue;
      // A test makes what it looks at for itself, unless threads are seen to meet there.
      if (
        found.evidence !== "proven" &&
        other !== site &&
        isInTest(this.program, other) !== isInTest(this.program, site)
      )
        continue;
      if (best === undefined || rank(found.evidence) > rank(best.evidence)) {
        best = { ...found, other, guard: this.guardOf(location) };
        if (found.evidence === "proven" || !this.isReachedByThreads(location)) break;
      }
    }
    return best;
  }

  /** Whether a lock is held from the operation's first access to its last. */
  isProtected(site: Site, location: Location, operation: CompoundOperation): boolean {
    return this.protects(this.protection(site, operation), location);
  }

  /** Whether any thread of the program comes to the location; if none does, all pairs of accesses prove as little. */
  private isReachedByThreads(location: Location): boolean {
    let known = this.reached.get(location);
    if (known === undefined) {
      known = location.sites.some((site) =>
        this.program.concurrency.isReached(keyOf(site.file, accessOf(site).fn)),
      );
      this.reached.set(location, known);
    }
    return known;
  }

  /** Locks held from the operation's first access to its last without a gap. */
  private protection(site: Site, operation: CompoundOperation): ReadonlySet<LockKey> {
    const { file } = site;
    const access = accessOf(site);
    const { locksets } = this.program;
    const entry = locksets.heldOnEntry({ file, index: access.fn });
    if (operation.first === undefined) return locksets.held(file, access.fn, access.context);
    const first = file.facts.accesses[operation.first]!;
    const common = commonContext(file, first.context, access.context);
    return new Set([...entry, ...locksets.heldWithin(file, common)]);
  }

  /** A thread's own lock keeps nobody else away from what all threads share. */
  private protects(held: ReadonlySet<LockKey>, location: Location): boolean {
    if (location.kind !== "global" && location.kind !== "class") return held.size > 0;
    return [...held].some((key) => {
      const lock = this.program.locations.all.get(key);
      if (lock?.kind !== "instance" || lock.cls === undefined) return true;
      return !this.program.resolver.externalBases(lock.cls).some((base) => /(^|\.)Thread$/.test(base));
    });
  }

  private *conflicts(site: Site, location: Location, operation: CompoundOperation): Iterable<Site> {
    // The operation itself first: the simplest story is two threads doing the same thing.
    if (operation.withItself) yield site;
    for (const other of location.sites) {
      if (other.file === site.file && other.access === site.access) continue;
      const access = accessOf(other);
      if (!operation.conflicts(access) || !this.isConcurrentPlace(other)) continue;
      yield other;
    }
  }

  /** Code that the program's own thread runs before the others begin or when they have come to their end. */
  isApartFromThreads(site: Site, location: Location): boolean {
    return this.evidence.isApartFromThreads(site, location);
  }

  /** Import-time code and constructors run before any other thread knows the data. */
  isConcurrentPlace(site: Site): boolean {
    let known = this.concurrent.get(site.file);
    if (known === undefined) {
      known = new Int8Array(site.file.facts.accesses.length);
      this.concurrent.set(site.file, known);
    }
    if (known[site.access] === 0) known[site.access] = this.findConcurrentPlace(site) ? 1 : -1;
    return known[site.access] === 1;
  }

  private findConcurrentPlace(site: Site): boolean {
    const access = accessOf(site);
    const fn = site.file.facts.functions[access.fn]!;
    // Right after a fork the child has one thread.
    if (/after_?(in_child|fork)|at_?fork/i.test(fn.name)) return false;
    if (access.fn === 0)
      return isUnderMain(site.file, access.context) || this.intent.isBehindStart(site.file, access.start);
    const place = site.file.place(access.place);
    if (isInClassBody(site.file, access)) return false;
    if (place.root === "self" && isConstructor(fn.name) && fn.owner >= 0) return false;
    if (place.root === "self" && this.intent.runsOnlyInConstructor({ file: site.file, index: access.fn }))
      return false;
    if (place.root === "local" && place.path.length > 0) return !this.isFresh(site.file, access);
    if (place.root === "local" && isMade(site.file, access)) return false;
    if ((fn.name === "__init_subclass__" || fn.name === "__set_name__") && fn.owner >= 0) return false;
    if (place.root === "global" || place.root === "class") {
      return !this.intent.runsOnlyAtImport({ file: site.file, index: access.fn });
    }
    return true;
  }

  /** An object made in this same function, which nobody else knows yet. */
  private isFresh(file: FileNode, access: Access): boolean {
    const place = file.place(access.place);
    if (place.owner !== access.fn) return false;
    return file.bindingsOf("local", place.owner, place.name).some((b) => b.value === "call");
  }

  /** The lock that guards the location wherever it is guarded; undefined when no lock is used consistently. */
  guardOf(location: Location): Guard | undefined {
    const known = this.guards.get(location);
    if (known !== undefined) return known ?? undefined;
    const counts = new Map<LockKey, { count: number; changes: number; site: Site }>();
    let total = 0;
    let changes = 0;
    for (const site of location.sites) {
      if (!this.isConcurrentPlace(site)) continue;
      total += 1;
      const access = accessOf(site);
      const isChange = mutates(access);
      if (isChange) changes += 1;
      const { locksets } = this.program;
      const onEntry = locksets.heldOnEntry({ file: site.file, index: access.fn });
      const within = locksets.heldWithin(site.file, access.context);
      if (onEntry.size + within.length === 0) continue;
      for (const lock of new Set([...onEntry, ...within])) {
        if (lock === callersLock || lock === location.key) continue;
        const seen = counts.get(lock);
        if (seen === undefined) counts.set(lock, { count: 1, changes: isChange ? 1 : 0, site });
        else {
          seen.count += 1;
          if (isChange) seen.changes += 1;
        }
      }
    }
    let best: Guard | undefined;
    for (const [lock, { count, changes: guardedChanges, site }] of counts) {
      if (best !== undefined && best.guarded >= count) continue;
      best = { lock, text: this.lockText(site, lock), site, guarded: count, total, guardedChanges, changes };
    }
    this.guards.set(location, best ?? null);
    return best;
  }

  private lockText(site: Site, lock: LockKey): string {
    const { contexts } = site.file.facts;
    for (let at = accessOf(site).context; at !== 0; at = contexts[at]!.parent) {
      const context = contexts[at]!;
      if (context.kind !== "lock") continue;
      if (this.program.locksets.heldWithin(site.file, at).at(-1) !== lock) continue;
      const place = site.file.place(context.place);
      if (place.root === "self") return ["self", ...place.path].join(".");
      if (place.root === "class") return ["cls", ...place.path].join(".");
      if (place.root === "call") return "";
      return [place.name, ...place.path].join(".");
    }
    return "";
  }
}

/** Whether an inner function uses the variable; otherwise each call has one of its own. */
function isCaptured(location: Location): boolean {
  for (const site of location.sites) if (accessOf(site).fn !== location.fn) return true;
  return false;
}

/** The first value of a function's variable, which no inner function can have seen without. */
function isMade(file: FileNode, access: Access): boolean {
  const { owner, name } = file.place(access.place);
  if (access.op !== "rebind" || owner !== access.fn) return false;
  for (let at = access.context; at !== 0; at = file.facts.contexts[at]!.parent) {
    if (file.facts.contexts[at]!.kind === "loop") return false;
  }
  return file.bindingsOf("local", owner, name).every(({ start }) => start >= access.start);
}

function rank(evidence: Evidence): number {
  return evidence === "proven" ? 2 : evidence === "likely" ? 1 : 0;
}

function commonContext(file: FileNode, a: number, b: number): number {
  const chain = new Set<number>();
  for (let at = a; at !== 0; at = file.facts.contexts[at]!.parent) chain.add(at);
  for (let at = b; at !== 0; at = file.facts.contexts[at]!.parent) if (chain.has(at)) return at;
  return 0;
}

/** Whether an access stands in a test, or what prepares one: its data is not that of the program. */
function isInTest({ resolver }: Program, { file, access }: Site): boolean {
  const { functions, accesses } = file.facts;
  for (let at = accesses[access]!.fn; at > 0; at = functions[at]!.parent) {
    const { name, owner } = functions[at]!;
    if (/^test(_|$)/.test(name)) return true;
    if (owner >= 0 && resolver.externalBases({ file, index: owner }).some((base) => /TestCase$/.test(base)))
      return true;
  }
  return false;
}

/** A class body runs once for each class, before anybody has the class. */
function isInClassBody(file: FileNode, access: Access): boolean {
  const { root, owner } = file.place(access.place);
  if (root !== "class") return false;
  const cls = file.facts.classes[owner]!;
  return cls.fn === access.fn && access.start >= cls.start && access.end <= cls.end;
}
