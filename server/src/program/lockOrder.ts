// The order in which the program takes its locks: one graph over all files, with an edge from a lock that is held
// to each lock that is taken meanwhile, directly or through calls.
import type { CallSite } from "./callGraph.ts";
import { isLookUp } from "./dispatch.ts";
import { type FileNode, keyOf, type Ref, textOfPlace } from "./fileNode.ts";
import { type LockCycle, lockCycles } from "./lockCycles.ts";
import { acrossFiles, type LockKey } from "./locksets.ts";
import type { Program } from "./program.ts";

/** Where a lock is taken. */
export interface Taking {
  readonly file: FileNode;
  readonly fn: number;
  readonly start: number;
  readonly end: number;
  /** The lock as it is written there, and its place in that file. */
  readonly text: string;
  readonly place: number;
}

/** One way to take the inner lock while holding the outer one. */
export interface Nesting {
  readonly outer: Taking;
  /** Calls from the function that holds the outer lock to the one that takes the inner one; empty for nested blocks. */
  readonly calls: readonly CallSite[];
  readonly inner: Taking;
  /** All locks held when the inner one is taken, the outer one and the callers' included. */
  readonly held: ReadonlySet<LockKey>;
}

/** All ways found from one lock to another: the first few, and how many there are. */
export interface Edge {
  readonly nestings: Nesting[];
  count: number;
}

/** How a function comes to take a lock: by itself, or by a call of one that does. */
type Step = { readonly taking: Taking } | { readonly site: CallSite; readonly to: number };

/** How many calls lie between holding one lock and taking the next, at most. */
const deepestCall = 5;
/** Ways kept for each pair of locks; the rest is only counted. */
const mostNestings = 8;

export class LockOrder {
  readonly edges = new Map<LockKey, Map<LockKey, Edge>>();
  private readonly takers = new Map<number, Map<LockKey, Step>>();
  private readonly cyclesByFile = new Map<number, LockCycle[]>();

  constructor(private readonly program: Program) {
    const files = [...program.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    this.collectTakers(files);
    for (const file of files) this.collectEdges(file);
    for (const cycle of lockCycles(this.edges, program.concurrency)) {
      const { id } = cycle.nestings[0]!.outer.file;
      this.cyclesByFile.set(id, [...(this.cyclesByFile.get(id) ?? []), cycle]);
    }
  }

  /** Cycles that are told of in this file: those whose first nesting stands in it. */
  cyclesIn(file: FileNode): readonly LockCycle[] {
    return this.cyclesByFile.get(file.id) ?? [];
  }

  /** The locks that a function waits for, itself or through calls; the nearest way to each. */
  *takenBy(fn: Ref): Iterable<{ key: LockKey; calls: readonly CallSite[]; taking: Taking }> {
    const from = keyOf(fn.file, fn.index);
    for (const key of this.takers.get(from)?.keys() ?? []) {
      const { calls, inner } = this.follow(from, key);
      yield { key, calls, taking: inner };
    }
  }

  private taking(file: FileNode, context: number): Taking {
    const { fn, place, start } = file.facts.contexts[context]!;
    const at = file.place(place);
    const text = at.root === "call" ? `${textOfPlace(file.place(at.owner))}()` : textOfPlace(at);
    return { file, fn, start, end: start + text.length, text, place };
  }

  /** Which functions take which locks, themselves or through calls: from each taking upwards, nearest first. */
  private collectTakers(files: readonly FileNode[]): void {
    let level: { fn: number; lock: LockKey }[] = [];
    const add = (fn: number, lock: LockKey, step: Step) => {
      let locks = this.takers.get(fn);
      if (locks === undefined) {
        locks = new Map();
        this.takers.set(fn, locks);
      }
      if (locks.has(lock)) return false;
      locks.set(lock, step);
      return true;
    };
    for (const file of files) {
      for (const { context, locks } of this.program.locksets.takings(file)) {
        const { detail, fn } = file.facts.contexts[context]!;
        // One that may give up does not wait for ever.
        if (detail === "") continue;
        const key = keyOf(file, fn);
        for (const lock of locks) {
          if (add(key, lock, { taking: this.taking(file, context) })) level.push({ fn: key, lock });
        }
      }
    }
    for (let depth = 0; depth < deepestCall; depth += 1) {
      const next: typeof level = [];
      for (const { fn, lock } of level) {
        for (const site of this.program.callGraph.callersOf(fn)) {
          const caller = keyOf(site.file, site.call.fn);
          if (isAfterTry(site.file, site.call.context) || isLookUp(site)) continue;
          if (add(caller, lock, { site, to: fn })) next.push({ fn: caller, lock });
        }
      }
      level = next;
    }
  }

  private collectEdges(file: FileNode): void {
    const { contexts } = file.facts;
    /** Functions that hold a lock somewhere. */
    const holders = new Set<number>();
    for (const { context, locks } of this.program.locksets.takings(file)) {
      const { detail, parent, fn } = contexts[context]!;
      holders.add(fn);
      if (detail === "" || parent === 0) continue;
      for (const lock of locks) {
        this.connect(file, parent, lock, () => ({ calls: [], inner: this.taking(file, context) }));
      }
    }
    for (const fn of holders) {
      for (const { fn: callee, site } of this.program.callGraph.calleesOf(keyOf(file, fn))) {
        const { context } = site.call;
        const taken = context === 0 ? undefined : this.takers.get(keyOf(callee.file, callee.index));
        if (taken === undefined || isLazy(callee) || isAfterTry(file, context) || isLookUp(site)) continue;
        for (const lock of taken.keys()) {
          this.connect(file, context, lock, () => {
            const { calls, inner } = this.follow(keyOf(callee.file, callee.index), lock);
            return { calls: [site, ...calls], inner };
          });
        }
      }
    }
  }

  private follow(fn: number, lock: LockKey): Pick<Nesting, "calls" | "inner"> {
    const calls: CallSite[] = [];
    let step = this.takers.get(fn)!.get(lock)!;
    while ("site" in step) {
      calls.push(step.site);
      step = this.takers.get(step.to)!.get(lock)!;
    }
    return { calls, inner: step.taking };
  }

  /** Adds edges to a lock from all locks that the function holds at the context. */
  private connect(
    file: FileNode,
    context: number,
    lock: LockKey,
    way: () => Pick<Nesting, "calls" | "inner">,
  ): void {
    const { contexts, functions } = file.facts;
    const { locksets } = this.program;
    const outers: { key: LockKey; at: number }[] = [];
    for (let at = context; at !== 0; at = contexts[at]!.parent) {
      for (const key of locksets.takenBy(file, at)) outers.push({ key, at });
    }
    // Taking a lock that is held already is another matter, and for RLocks none at all.
    if (outers.length === 0 || outers.some(({ key }) => key === lock)) return;
    const { fn } = contexts[outers[0]!.at]!;
    const entry = [...locksets.heldOnEntry({ file, index: fn })].map((k) => acrossFiles(file, k));
    if (entry.includes(lock)) return;
    const isNew = isConstructing(functions[fn]!.name);
    const held = new Set([...entry, ...outers.map(({ key }) => key)]);
    for (const { key, at } of outers) {
      // In a constructor nobody else knows the object's own lock yet.
      if (isNew && file.place(contexts[at]!.place).root === "self") continue;
      let targets = this.edges.get(key);
      if (targets === undefined) {
        targets = new Map();
        this.edges.set(key, targets);
      }
      let edge = targets.get(lock);
      if (edge === undefined) {
        edge = { nestings: [], count: 0 };
        targets.set(lock, edge);
      }
      edge.count += 1;
      if (edge.nestings.length < mostNestings)
        edge.nestings.push({ outer: this.taking(file, at), held, ...way() });
    }
  }
}

function isConstructing(name: string): boolean {
  return name === "__init__" || name === "__new__" || name === "__post_init__" || name === "__setstate__";
}

/** Calling a generator runs nothing of it yet. */
function isLazy({ file, index }: Ref): boolean {
  return file.facts.functions[index]!.isGenerator;
}

/** Whether the code goes this way only when a lock could be had without waiting, or was found free. */
export function isAfterTry(file: FileNode, context: number): boolean {
  const { contexts } = file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test" && /\.(acquire|locked|_is_owned)\(/.test(contexts[at]!.detail))
      return true;
  }
  return false;
}
