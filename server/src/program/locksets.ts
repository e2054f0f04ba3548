// Which locks are held at an access: those of its enclosing contexts, and those that every caller holds.
import type { Context, Place } from "../facts/facts.ts";
import type { CallGraph, CallSite } from "./callGraph.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import { runsUnderFrameworksLock } from "./frameworkLocks.ts";
import type { Locations } from "./locations.ts";
import type { Resolver } from "./resolve.ts";
import { looksLikeLock, mutualExclusion } from "./types.ts";

/** The identity of a lock; equal keys are the same lock (of the same object, for instance locks). */
export type LockKey = string;

/** Stands for "the caller holds a lock that cannot be named": a documented convention of the function. */
export const callersLock: LockKey = "caller";

const noLocks: readonly LockKey[] = [];

/** What is known of one file as long as neither it nor a file that it imports changes. */
interface FileLocks {
  readonly byContext: Map<number, readonly LockKey[]>;
  readonly identities: Map<string, LockKey | undefined>;
  readonly takenByContext: Map<number, readonly LockKey[]>;
  takings: readonly LockTaking[] | undefined;
}

/** A context that takes locks: a `with` statement's body, or what follows an `acquire()`. */
export interface LockTaking {
  readonly context: number;
  readonly locks: readonly LockKey[];
}

export class Locksets {
  private readonly byFile = new Map<number, FileLocks>();
  private readonly onEntry = new Map<number, ReadonlySet<LockKey>>();
  private readonly inProgress = new Set<number>();
  private skipped = 0;
  private readonly managers = new Map<number, readonly LockKey[]>();

  constructor(
    private readonly resolver: Resolver,
    private readonly locations: Locations,
    private readonly graph: CallGraph,
    private readonly isThreadEntry: (fn: number) => boolean,
    private readonly declared: (fn: Ref) => readonly LockKey[],
  ) {}

  /** After an edit: what depends on these files, and what depends on callers anywhere, is asked anew. */
  forget(files: Iterable<FileNode>): void {
    for (const file of files) this.byFile.delete(file.id);
    this.onEntry.clear();
    this.managers.clear();
  }

  private of(file: FileNode): FileLocks {
    let known = this.byFile.get(file.id);
    if (known === undefined) {
      known = {
        byContext: new Map(),
        identities: new Map(),
        takenByContext: new Map(),
        takings: undefined,
      };
      this.byFile.set(file.id, known);
    }
    return known;
  }

  /** Locks held at a context, innermost last, callers' locks first. */
  held(file: FileNode, fn: number, context: number): ReadonlySet<LockKey> {
    return new Set([...this.heldOnEntry({ file, index: fn }), ...this.heldWithin(file, context)]);
  }

  /** Locks that the function's own statements took around a context. */
  heldWithin(file: FileNode, context: number): readonly LockKey[] {
    if (context === 0) return [];
    const table = this.of(file).byContext;
    let keys = table.get(context);
    if (keys === undefined) {
      const at = file.facts.contexts[context]!;
      const outer = this.heldWithin(file, at.parent);
      const own = at.kind === "lock" ? this.keysOf(file, at) : [];
      keys = own.length === 0 ? outer : [...outer, ...own];
      table.set(context, keys);
    }
    return keys;
  }

  /** The contexts of a file that take locks, in the order of the text. */
  takings(file: FileNode): readonly LockTaking[] {
    const known = this.of(file);
    known.takings ??= file.facts.contexts.flatMap(({ kind }, context) =>
      kind === "lock" ? [{ context, locks: this.takenBy(file, context) }] : [],
    );
    return known.takings;
  }

  /**
   * The locks that a context takes by itself, under names that hold in all files; none for those that let several in
   * or belong to an event loop.
   */
  takenBy(file: FileNode, context: number): readonly LockKey[] {
    if (file.facts.contexts[context]!.kind !== "lock") return noLocks;
    const { takenByContext } = this.of(file);
    let locks = takenByContext.get(context);
    if (locks === undefined) {
      locks = this.findTakenBy(file, context);
      takenByContext.set(context, locks);
    }
    return locks;
  }

  private findTakenBy(file: FileNode, context: number): readonly LockKey[] {
    const { place, parent } = file.facts.contexts[context]!;
    if (place < 0) return noLocks;
    const own = this.heldWithin(file, context);
    const before = this.heldWithin(file, parent);
    if (own.length === before.length) return [];
    const at = file.place(place);
    if (at.root !== "call" && this.resolver.holding(file, at)?.kinds.has("semaphore")) return [];
    return own.slice(before.length).map((key) => acrossFiles(file, key));
  }

  private keysOf(file: FileNode, context: Context): readonly LockKey[] {
    if (context.detail === "async") return [];
    const place = file.place(context.place);
    if (place.root === "call") return this.calledManager(file, context, place);
    const key = this.identity(file, place);
    if (key !== undefined) return [key];
    return this.objectAsManager(file, place, context.detail === "acquire" ? "acquire" : "__enter__");
  }

  /** The lock an access path names, or undefined when it is no lock. */
  identity(file: FileNode, place: Place): LockKey | undefined {
    const { identities } = this.of(file);
    const memo = `${place.root}/${place.owner}/${place.name}/${place.path.join(".")}`;
    if (identities.has(memo)) return identities.get(memo);
    const key = this.findIdentity(file, place);
    identities.set(memo, key);
    return key;
  }

  private findIdentity(file: FileNode, place: Place): LockKey | undefined {
    if (place.path.at(-1) === "[]") {
      // One of several locks, chosen by the same key as the data that it guards.
      const container = { ...place, path: place.path.slice(0, -1) };
      const name = container.path.at(-1) ?? container.name;
      return /lock|mutex|stripe/i.test(name) ? `stripe:${file.id}:${name}` : undefined;
    }
    const holding = this.resolver.holding(file, place);
    const name = place.path.at(-1) ?? place.name;
    const known = [...(holding?.kinds ?? [])].filter((k) => k !== "none" && k !== "unknown");
    const isLock = known.some((k) => mutualExclusion.has(k));
    const isOther = known.length > 0 && !isLock && !known.every((k) => k === "instance" || k === "function");
    if (isOther) return undefined;
    if (!isLock && !looksLikeLock(name)) return undefined;
    const alias = this.underlying(file, place);
    if (alias !== undefined) return alias;
    return (
      this.locations.of(file, place)?.key ??
      `${place.root}:${place.owner}:${[place.name, ...place.path].join(".")}`
    );
  }

  /** The lock behind a condition (`Condition(self._lock)`) or behind a second name for the same lock. */
  private underlying(file: FileNode, place: Place, depth = 0): LockKey | undefined {
    if (depth > 4) return undefined;
    const location = this.locations.of(file, place);
    if (location === undefined) return undefined;
    const home = location.file;
    for (const call of home.facts.calls) {
      if (call.result < 0 || call.args.length === 0) continue;
      const callee = call.callee < 0 ? undefined : home.place(call.callee);
      if (callee === undefined || (callee.path.at(-1) ?? callee.name) !== "Condition") continue;
      if (this.locations.of(home, home.place(call.result)) !== location) continue;
      const inner = call.args[0]!.place;
      if (inner >= 0) return this.identity(home, home.place(inner));
    }
    for (const binding of home.facts.bindings) {
      if (binding.value !== "place" || binding.source < 0) continue;
      const bound = home.place(binding.place);
      if ((bound.path.at(-1) ?? bound.name) !== (place.path.at(-1) ?? place.name)) continue;
      if (this.locations.of(home, bound) !== location) continue;
      const source = home.place(binding.source);
      const name = source.path.at(-1) ?? source.name;
      if (looksLikeLock(name) && source.root !== "local") {
        return this.underlying(home, source, depth + 1) ?? this.locations.of(home, source)?.key;
      }
    }
    return undefined;
  }

  /** `with self.locked():`, `with lock_for(key):` */
  private calledManager(file: FileNode, context: Context, place: Place): readonly LockKey[] {
    const callee = file.place(place.owner);
    const entity = this.resolver.path(file, callee);
    if (entity?.kind === "function" || entity?.kind === "method") {
      const inside = this.locksInside(entity.ref);
      if (inside.length > 0) return inside;
    }
    const name = callee.path.at(-1) ?? callee.name;
    // `with threading.Lock():` makes a new lock each time and guards nothing.
    if (entity?.kind === "external" && /(Lock|Condition|Semaphore)$/.test(entity.name)) return [];
    if (entity?.kind === "class" && this.isGivenReceiver(file, context)) {
      // `with _IterationGuard(self):` protects the object it is given, by means of its own.
      return [`manager:${keyOf(entity.ref.file, entity.ref.index)}`];
    }
    if (!looksLikeLock(name) && !/lock(ed)?$/i.test(name)) return [];
    return [`call:${callee.root}:${callee.owner}:${[callee.name, ...callee.path].join(".")}`];
  }

  private isGivenReceiver(file: FileNode, context: Context): boolean {
    const call = file.facts.calls.find((c) => c.managed && c.start === context.start);
    return (
      call?.args.some(
        (a) => a.place >= 0 && file.place(a.place).root === "self" && file.place(a.place).path.length === 0,
      ) ?? false
    );
  }

  /** All locks that a function (a context manager, a decorator's wrapper) takes somewhere inside. */
  private locksInside(fn: Ref): readonly LockKey[] {
    const key = keyOf(fn.file, fn.index);
    const known = this.managers.get(key);
    if (known !== undefined) return known;
    this.managers.set(key, []);
    const keys = new Set<LockKey>();
    fn.file.facts.contexts.forEach((context, index) => {
      if (context.kind !== "lock" || context.fn !== fn.index) return;
      for (const lock of this.heldWithin(fn.file, index)) keys.add(lock);
    });
    const list = [...keys];
    this.managers.set(key, list);
    return list;
  }

  /** `with self:`, `with pool:` and `self.acquire()` where the class's own method takes a lock. */
  private objectAsManager(file: FileNode, place: Place, method: "__enter__" | "acquire"): readonly LockKey[] {
    const cls = this.resolver.holding(file, place)?.classes[0];
    const enter = cls === undefined ? undefined : this.resolver.method(cls, method);
    if (enter === undefined) return [];
    const keys = new Set<LockKey>();
    for (const call of enter.file.facts.calls) {
      if (call.fn !== enter.index || call.callee < 0) continue;
      const callee = enter.file.place(call.callee);
      if (callee.path.at(-1) !== "acquire") continue;
      const key = this.identity(enter.file, { ...callee, path: callee.path.slice(0, -1) });
      if (key !== undefined) keys.add(key);
    }
    return [...keys];
  }

  /** Locks held whenever the function starts: its decorators' and those that all its callers hold. */
  heldOnEntry(fn: Ref): ReadonlySet<LockKey> {
    const key = keyOf(fn.file, fn.index);
    const known = this.onEntry.get(key);
    if (known !== undefined) return known;
    const skippedBefore = this.skipped;
    this.inProgress.add(key);
    const own = this.fromDecorators(fn);
    const fact = fn.file.facts.functions[fn.index]!;
    if (fact.callerHolds) own.add(callersLock);
    for (const lock of this.declared(fn)) own.add(lock);
    if (runsUnderFrameworksLock(this.resolver, fn)) own.add(callersLock);
    for (const lock of this.fromCallers(fn)) own.add(lock);
    this.inProgress.delete(key);
    // Inside a cycle of callers the answer leans on one that is not known yet; only the outermost is final.
    if (this.skipped === skippedBefore || this.inProgress.size === 0) this.onEntry.set(key, own);
    return own;
  }

  private fromCallers(fn: Ref): ReadonlySet<LockKey> {
    const fact = fn.file.facts.functions[fn.index]!;
    const key = keyOf(fn.file, fn.index);
    const isSpecial = fact.name.startsWith("__") && fact.name.endsWith("__");
    const sites = [...this.graph.callersOf(key), ...this.callersOfOverridden(fn)];
    if (isSpecial || sites.length === 0 || this.isThreadEntry(key) || fn.index === 0) return new Set();
    const isFromConstructor = ({ file, call }: CallSite) => {
      const caller = file.facts.functions[call.fn]!;
      return isConstructor(caller.name) && caller.owner >= 0;
    };
    // Nobody else knows the object yet; a helper that nothing else calls is about what objects share.
    const fromOthers = sites.filter((site) => !isFromConstructor(site));
    const counted = fromOthers.length === 0 && fact.name.startsWith("_") ? sites : fromOthers;
    let common: Set<LockKey> | undefined;
    for (const { file, call } of counted) {
      if (this.inProgress.has(keyOf(file, call.fn))) {
        this.skipped += 1; // a call from within itself adds nothing
        continue;
      }
      const held = this.held(file, call.fn, call.context);
      common = common === undefined ? new Set(held) : new Set([...common].filter((lock) => held.has(lock)));
      if (common.size === 0) return common;
    }
    return common ?? new Set();
  }

  /** Calls of the method that this one overrides arrive here too. */
  private callersOfOverridden(fn: Ref): readonly CallSite[] {
    const fact = fn.file.facts.functions[fn.index]!;
    if (fact.owner < 0) return [];
    const [, ...above] = this.resolver.lineage({ file: fn.file, index: fact.owner });
    return above.flatMap((base) => {
      const overridden = base.file.methods[base.index]!.get(fact.name);
      return overridden === undefined ? [] : this.graph.callersOf(keyOf(base.file, overridden));
    });
  }

  private fromDecorators(fn: Ref): Set<LockKey> {
    const keys = new Set<LockKey>();
    const fact = fn.file.facts.functions[fn.index]!;
    for (const decorator of fact.decorators) {
      if (decorator < 0) continue;
      const place = fn.file.place(decorator);
      const name = place.path.at(-1) ?? place.name;
      const entity = this.resolver.path(fn.file, place);
      if (entity?.kind === "function") {
        const { file, index } = entity.ref;
        const wrappers = file.facts.functions.flatMap((_, i) => (isNestedIn(file, i, index) ? [i] : []));
        if (wrappers.some((w) => this.locksInside({ file, index: w }).length > 0))
          keys.add(`decorator:${name}`);
      }
      if (/synchroni[sz]ed|^_?(with_)?lock(ed)?$|_locked$|^with_\w*lock$|^needs_lock$/i.test(name))
        keys.add(`decorator:${name}`);
    }
    return keys;
  }
}

/** Locks that have no location of their own are only known within their file. */
export function acrossFiles(file: FileNode, key: LockKey): LockKey {
  return /^(global|local|self|class|super|call|other):/.test(key) ? `${file.id}/${key}` : key;
}

/** Whether a function stands somewhere inside another: in a decorator, or in the decorator that a factory makes. */
function isNestedIn(file: FileNode, fn: number, outer: number): boolean {
  for (let at = file.facts.functions[fn]!.parent; at > 0; at = file.facts.functions[at]!.parent) {
    if (at === outer) return true;
  }
  return false;
}

/** Methods that run while no other thread can know the object. */
export function isConstructor(name: string): boolean {
  return (
    name === "__init__" ||
    name === "setUp" ||
    name === "setup_method" ||
    name === "__new__" ||
    name === "__post_init__" ||
    name === "__setstate__" ||
    name === "__init_subclass__" ||
    name === "__set_name__" ||
    name === "__del__" ||
    name === "__getstate__" ||
    name === "__reduce__" ||
    name === "__copy__" ||
    name === "__deepcopy__" ||
    name === "__getnewargs__"
  );
}
