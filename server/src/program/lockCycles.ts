// Finds the orders of locks that contradict each other: cycles in the graph of what is taken while what is held.
import type { Concurrency } from "./concurrency.ts";
import { keyOf } from "./fileNode.ts";
import type { Edge, Nesting } from "./lockOrder.ts";
import type { LockKey } from "./locksets.ts";

export interface LockCycle {
  /**
   * One nesting for each lock of the cycle, each taking what the next one holds. The first is the one to change: of two
   * orders, the one that stands in fewer places.
   */
  readonly nestings: readonly Nesting[];
  /** Whether threads that the program starts take one of these ways. */
  readonly isProven: boolean;
}

type Edges = ReadonlyMap<LockKey, ReadonlyMap<LockKey, Edge>>;

const longestCycle = 4;

/** Every pair of locks with two orders, and of longer cycles the shortest of each knot; in a stable order. */
export function lockCycles(edges: Edges, concurrency: Concurrency): LockCycle[] {
  const cycles: LockCycle[] = [];
  const inPairs = new Set<LockKey>();
  for (const [a, targets] of edges) {
    for (const [b, there] of targets) {
      const back = a < b ? edges.get(b)?.get(a) : undefined;
      const pair = back === undefined ? undefined : conflicting([there, back], concurrency);
      if (pair === undefined) continue;
      inPairs.add(a).add(b);
      const isRarer = there.count < back!.count || (there.count === back!.count && standsLater(pair));
      cycles.push(cycleOf(isRarer ? pair : [...pair].reverse(), concurrency));
    }
  }
  const done = new Set<LockKey>(inPairs);
  for (const start of [...edges.keys()].sort()) {
    if (done.has(start)) continue;
    const nestings = longerCycle(edges, [start], done, concurrency);
    if (nestings === undefined) continue;
    for (const key of nestings.keys) done.add(key);
    cycles.push(cycleOf(nestings.found, concurrency));
  }
  return cycles.sort((a, b) => (isBefore(a.nestings[0]!, b.nestings[0]!) ? -1 : 1));
}

function longerCycle(
  edges: Edges,
  path: readonly LockKey[],
  done: ReadonlySet<LockKey>,
  concurrency: Concurrency,
): { keys: readonly LockKey[]; found: readonly Nesting[] } | undefined {
  const last = path.at(-1)!;
  if (path.length > 2 && edges.get(last)?.has(path[0]!)) {
    const around = path.map((key, i) => edges.get(key)!.get(path[i + 1] ?? path[0]!)!);
    const found = conflicting(around, concurrency);
    if (found !== undefined) return { keys: path, found };
  }
  if (path.length === longestCycle) return undefined;
  for (const next of [...(edges.get(last)?.keys() ?? [])].sort()) {
    if (path.includes(next) || done.has(next) || !edges.has(next)) continue;
    const found = longerCycle(edges, [...path, next], done, concurrency);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One nesting for each edge, such that all can be under way at the same time; undefined when there are none. */
function conflicting(
  around: readonly Edge[],
  concurrency: Concurrency,
  chosen: readonly Nesting[] = [],
): readonly Nesting[] | undefined {
  const edge = around[chosen.length];
  if (edge === undefined) return chosen;
  for (const nesting of edge.nestings) {
    if (chosen.some((other) => excludesEachOther(other, nesting, concurrency))) continue;
    const found = conflicting(around, concurrency, [...chosen, nesting]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A common lock around both (a gate) lets one in at a time, and one thread alone does not meet itself. */
function excludesEachOther(a: Nesting, b: Nesting, concurrency: Concurrency): boolean {
  for (const lock of a.held) if (b.held.has(lock)) return true;
  const [first, second] = [a, b].map(({ outer }) => keyOf(outer.file, outer.fn)) as [number, number];
  if (a.outer.fn === 0 && b.outer.fn === 0) return true;
  if (concurrency.runsOutside(first) || concurrency.runsOutside(second)) return false;
  const [routes, others] = [concurrency.routes(first), concurrency.routes(second)];
  const [only] = routes;
  return (
    routes.length === 1 && others.length === 1 && only!.entry === others[0]!.entry && !only!.entry.parallel
  );
}

function cycleOf(nestings: readonly Nesting[], concurrency: Concurrency): LockCycle {
  const isProven = nestings.some(({ outer }) => concurrency.isReached(keyOf(outer.file, outer.fn)));
  return { nestings, isProven };
}

function standsLater([a, b]: readonly Nesting[]): boolean {
  return isBefore(b!, a!);
}

function isBefore(a: Nesting, b: Nesting): boolean {
  const [p, q] = [a.outer.file.path, b.outer.file.path];
  return p === q ? a.outer.start < b.outer.start : p < q;
}
