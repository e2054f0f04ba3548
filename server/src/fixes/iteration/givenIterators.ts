// Iterators over the data that are given away: whoever runs through them does so when the lock is free again.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { Finding } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextEdit } from "../fix.ts";
import { covers, type GuardedCode, type Region } from "../region/codeUnderLock.ts";
import { nameOf } from "../scopes.ts";

const eagerConsumers = new Set(
  "list tuple set frozenset dict sorted sum min max any all deque Counter join extend update fsum bytes bytearray".split(
    " ",
  ),
);
const lazyFunctions = new Set(["map", "filter", "zip", "enumerate", "reversed", "iter", "chain", "islice"]);

/** A generator made in the region and run behind it reads the data without the lock. */
export function isReadLater(tree: CompactTree, region: Region, access: number): boolean {
  for (let at = access; at > 0 && at !== region.block; at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.Call && at !== access && eagerConsumers.has(calleeOf(tree, at))) return false;
    const isLazy =
      kind === Kind.GeneratorExpression ||
      (kind === Kind.Call && lazyFunctions.has(tree.source(tree.child(at, Field.Function))));
    if (isLazy && !isConsumed(tree, at)) return true;
  }
  return false;
}

function isConsumed(tree: CompactTree, node: number): boolean {
  let parent = tree.parent(node);
  if (tree.kind(parent) === Kind.ArgumentList) parent = tree.parent(parent);
  switch (tree.kind(parent)) {
    case Kind.Call:
      return (
        eagerConsumers.has(calleeOf(tree, parent)) ||
        (lazyFunctions.has(calleeOf(tree, parent)) && isConsumed(tree, parent))
      );
    case Kind.ForStatement:
    case Kind.ForInClause:
    case Kind.ComparisonOperator:
    case Kind.ListSplat:
      return true;
    default:
      return false;
  }
}

/** The last name of what is called. */
function calleeOf(tree: CompactTree, call: number): string {
  const callee = tree.source(tree.child(call, Field.Function));
  return callee.slice(callee.lastIndexOf(".") + 1);
}

/** `return iter(d)`, `return reversed(d)`: what is iterated there, of which a copy would do as well, or 0. */
export function givenAway(tree: CompactTree, access: number): number {
  const list = tree.parent(access);
  const call = tree.parent(list);
  const isGiven =
    tree.kind(list) === Kind.ArgumentList &&
    tree.kind(call) === Kind.Call &&
    /^(iter|reversed)$/.test(tree.source(tree.child(call, Field.Function))) &&
    tree.children(list).length === 1 &&
    tree.kind(tree.parent(call)) === Kind.ReturnStatement;
  return isGiven ? access : 0;
}

/** Copies of what is given away, so that the lock need not be held longer than it takes to make them. */
export function copiesGiven({ source, accesses }: GuardedCode): TextEdit[] {
  const { tree } = source;
  const given = accesses.map(({ start, end }) => givenAway(tree, tree.enclosing(start, end)));
  return [...new Set(given)].flatMap((node) =>
    node === 0 ? [] : [source.insert(tree.start(node), "list("), source.insert(tree.end(node), ")")],
  );
}

/** What a title says of them. */
export function copyCost(code: readonly GuardedCode[]): string {
  return code.some((one) => copiesGiven(one).length > 0) ? ", callers iterate over a copy" : "";
}

/** An iterator that is given away runs when the lock is free again; what else needs the lock can have it all the same. */
export function withoutIterators(
  all: readonly GuardedCode[],
  { path, range }: Finding,
): { code: readonly GuardedCode[]; aside: string } {
  const given = all.filter(({ source: { tree }, region, accesses }) =>
    accesses.every(({ start, end }) => {
      const access = tree.enclosing(start, end);
      return isReadLater(tree, region, access) && givenAway(tree, access) === 0;
    }),
  );
  const isAbout = given.some((one) => covers(one, { path, access: range }));
  const named = given.every(({ source: { tree }, fn }) => fn !== 0 && tree.kind(fn) !== Kind.Lambda);
  if (given.length === 0 || given.length === all.length || isAbout || !named) return { code: all, aside: "" };
  const names = given.map(({ source: { tree }, fn }) => `\`${nameOf(tree, fn)}\``);
  return {
    code: all.filter((one) => !given.includes(one)),
    aside: `, but for iterators returned by ${[...new Set(names)].join(" and ")},`,
  };
}
