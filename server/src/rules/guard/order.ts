// Whether code can take one more lock without waiting for ever: the locks it holds by then, those it takes under it, and
// the order in which the rest of the program takes them.
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { LockKey } from "../../program/locksets.ts";
import { acrossFiles } from "../../program/locksets.ts";
import type { Program } from "../../program/program.ts";
import type { Reentry } from "./reentry.ts";

/** Code that is to run under a lock. */
export interface LockedRegion {
  readonly file: FileNode;
  readonly start: number;
  readonly end: number;
  readonly fn: number;
  /** The context of an access in it. */
  readonly context: number;
}

/** How many calls are followed from one lock to the next, at most. */
const deepestCall = 5;

/**
 * Why the regions must not take one common lock; undefined when they may.
 * @param lock the lock, when it exists already
 */
export function conflictOf(
  program: Program,
  reentry: Reentry,
  regions: readonly LockedRegion[],
  lock: LockKey | undefined,
): string | undefined {
  const surroundings = regions.map((region) => ({
    region,
    held: heldBefore(program, region),
    taken: takenIn(program, region, lock),
  }));
  if (lock !== undefined) {
    for (const { region, taken } of surroundings) {
      const again = taken.get(lock);
      if (again !== undefined && !isReentrant(program, lock)) {
        return `\`${again}\`, called here, takes ${nameOf(program, lock)} itself and would block forever.`;
      }
      const foreign = isReentrant(program, lock) ? undefined : reentry.foreignCall(region);
      if (foreign !== undefined) {
        return `\`${foreign}()\` is code from elsewhere, which may need ${nameOf(program, lock)} itself and would block forever.`;
      }
      const caller = isReentrant(program, lock) ? undefined : callerHolding(program, region, lock);
      if (caller !== undefined) {
        return `${nameOf(program, lock)} is held by \`${caller}\`, which calls this, and would block forever.`;
      }
    }
  }
  const held = new Set(surroundings.flatMap((one) => [...one.held]));
  const goals = lock === undefined ? held : new Set([lock]);
  for (const { taken } of surroundings) {
    for (const [inner, by] of taken) {
      if (inner === lock) continue;
      const goal = reached(program, inner, goals);
      if (goal === undefined) continue;
      return goal === lock || goal !== inner
        ? `\`${by}\` takes ${nameOf(program, inner)} here, and elsewhere the locks are taken in the other order: two threads could wait for each other.`
        : `\`${by}\` takes ${nameOf(program, inner)} here, and elsewhere this data is used while ${nameOf(program, inner)} is held: two threads could wait for each other.`;
    }
  }
  if (lock === undefined) return undefined;
  for (const outer of held) {
    if (outer !== lock && reached(program, lock, new Set([outer])) !== undefined) {
      return `${nameOf(program, outer)} is held here, and elsewhere it is taken while ${nameOf(program, lock)} is held: two threads could wait for each other.`;
    }
  }
  return undefined;
}

export function calledIn(program: Program, { file, fn, start, end }: LockedRegion): { fn: Ref }[] {
  return program.callGraph
    .calleesOf(keyOf(file, fn))
    .filter(({ site }) => site.call.start >= start && site.call.end <= end);
}

/** Locks that are held when the region begins. */
function heldBefore(program: Program, { file, fn, context, start }: LockedRegion): Set<LockKey> {
  let at = context;
  while (at !== 0 && file.facts.contexts[at]!.start >= start) at = file.facts.contexts[at]!.parent;
  return new Set([...program.locksets.held(file, fn, at)].map((key) => acrossFiles(file, key)));
}

/**
 * Locks that the region takes, itself or through calls, with the function that takes each.
 * @param lock one that the region gets; blocks of it that stand in the region become one with that
 */
function takenIn(program: Program, region: LockedRegion, lock: LockKey | undefined): Map<LockKey, string> {
  const { file, fn, start, end } = region;
  const taken = new Map<LockKey, string>();
  file.facts.contexts.forEach((context, index) => {
    if (context.kind !== "lock" || context.fn !== fn || context.start < start || context.start >= end) return;
    const before = program.locksets.heldWithin(file, context.parent).length;
    for (const key of program.locksets.heldWithin(file, index).slice(before)) {
      if (context.detail === "with" && acrossFiles(file, key) === lock) continue;
      taken.set(acrossFiles(file, key), file.facts.functions[fn]!.qualifiedName);
    }
  });
  for (const { fn: callee } of calledIn(program, region)) {
    for (const { key } of program.lockOrder.takenBy(callee)) {
      if (!taken.has(key)) taken.set(key, callee.file.facts.functions[callee.index]!.qualifiedName);
    }
  }
  return taken;
}

/** The first of the goals that some thread takes, directly or after others, while it holds the lock. */
function reached(program: Program, from: LockKey, goals: ReadonlySet<LockKey>): LockKey | undefined {
  const { edges } = program.lockOrder;
  const queue = [from];
  for (let i = 0; i < queue.length; i += 1) {
    const key = queue[i]!;
    if (goals.has(key)) return key;
    for (const next of edges.get(key)?.keys() ?? []) if (!queue.includes(next)) queue.push(next);
  }
  return undefined;
}

/** A function that calls the region's function, however indirectly, while it holds the lock. */
function callerHolding(program: Program, { file, fn }: LockedRegion, lock: LockKey): string | undefined {
  let level = [keyOf(file, fn)];
  const seen = new Set(level);
  for (let depth = 0; depth < deepestCall; depth += 1) {
    const next: number[] = [];
    for (const callee of level) {
      for (const { file: from, call } of program.callGraph.callersOf(callee)) {
        const held = program.locksets.heldWithin(from, call.context);
        const caller = keyOf(from, call.fn);
        if (held.includes(lock) && caller !== keyOf(file, fn))
          return from.facts.functions[call.fn]!.qualifiedName;
        if (!seen.has(caller)) next.push(caller);
        seen.add(caller);
      }
    }
    level = next;
  }
  return undefined;
}

export function isReentrant(program: Program, lock: LockKey): boolean {
  const kinds = program.locations.all.get(lock)?.holding.kinds;
  return kinds !== undefined && (kinds.has("rlock") || kinds.has("condition"));
}

function nameOf(program: Program, lock: LockKey): string {
  const name = program.locations.all.get(lock)?.name;
  return name === undefined ? "another lock" : `\`${name}\``;
}
