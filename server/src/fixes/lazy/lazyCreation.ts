// Where code makes something on first use, or does something once: the test, and the statements that make it and publish it
// at last, or tell that it is done.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { Region } from "../region/codeUnderLock.ts";
import { regionOf } from "../region/region.ts";
import { binds, executedNodes, functionAround } from "../scopes.ts";

export interface LazyCreation {
  /** What is made: `_client`, `self._table`; or the flag that tells what is done: `self._started`, `self._stale`. */
  readonly target: string;
  readonly isFlag: boolean;
  /** The statements to run under the lock when the test holds a second time. */
  readonly region: Region;
  /** The second look: the test, in front of it the line that reads the value anew if the test is about a local name. */
  readonly look: readonly string[];
  /** All of it, the first test included. */
  readonly start: number;
  readonly end: number;
  /** Whether the code behind it uses what is stored, and not a local name for it. */
  readonly isReadBehind: boolean;
}

/**
 * The creation that a range covers; undefined where the first look is more than one read of a name or an attribute, or
 * where others could see the object before it is complete.
 * @param access the store that publishes it
 */
export function lazyCreation(
  tree: CompactTree,
  range: { start: number; end: number },
  access: { start: number; end: number },
): LazyCreation | undefined {
  const stored = tree.enclosing(access.start, access.end);
  const target = tree.source(stored);
  const { block, statements } = regionOf(tree, range.start, range.end);
  const [first, ...rest] = statements;
  const assigned = localRead(tree, first!, target);
  const [head, ...after] = assigned === undefined ? [first!, ...rest] : rest;
  if (!/^\w+(\.\w+)?$/.test(target) || head === undefined || tree.kind(head) !== Kind.IfStatement)
    return undefined;
  const condition = tree.source(tree.child(head, Field.Condition));
  if (condition.includes("\n") || tree.child(head, Field.Alternative) !== 0) return undefined;
  const value = tree.source(tree.child(tree.parent(stored), Field.Right));
  const asked = value === "False" ? raisedTest(condition, target) : missingTest(condition, target, assigned);
  const isMaking = asked?.isMissing === true && after.length === 0;
  const isLeaving = asked?.isMissing === false && after.length > 0;
  if (asked === undefined || (!isMaking && !isLeaving)) return undefined;
  const consequence = tree.child(head, Field.Consequence);
  const region = isMaking
    ? { block: consequence, statements: tree.children(consequence) }
    : { block, statements: after };
  if (!publishesLast(tree, region.statements, target)) return undefined;
  const last = statements.at(-1)!;
  const behind = restOf(tree, last);
  if (isLeaving && !leavesAlike(tree, head, behind)) return undefined;
  // Who waits for the lock and finds the object made has only what the second look gives.
  if (handsOnLocals(tree, region.statements, behind, assigned ?? asked.local)) return undefined;
  const isReadBehind = [...executedNodes(tree, behind)].some((node) => tree.source(node) === target);
  return {
    target,
    isFlag: value === "True" || value === "False",
    region,
    look: [...(assigned === undefined ? [] : [`${assigned} = ${target}`]), `if ${asked.again}:`],
    start: tree.start(first!),
    end: tree.end(last),
    isReadBehind,
  };
}

/** The name in `name = target`. */
function localRead(tree: CompactTree, statement: number, target: string): string | undefined {
  const assignment = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
  if (tree.kind(assignment) !== Kind.Assignment || tree.child(assignment, Field.Type) !== 0) return undefined;
  const left = tree.child(assignment, Field.Left);
  const isRead = tree.source(tree.child(assignment, Field.Right)) === target;
  return isRead && tree.kind(left) === Kind.Identifier ? tree.source(left) : undefined;
}

/** Whether a condition asks if the target is missing, and the condition that asks for that. */
function missingTest(
  condition: string,
  target: string,
  local: string | undefined,
): { isMissing: boolean; again: string; local?: string } | undefined {
  const [name] = target.split(".").slice(-1);
  const owner = target.slice(0, -name!.length - 1);
  const asked = local ?? target;
  const plain = condition.replace(/^\((.*)\)$/, "$1").replace(/\s+/g, " ");
  const walrus = /^\((\w+) := ([\w.]+)\) is (not )?(\w+)$/.exec(plain);
  if (walrus !== null && walrus[2] === target)
    return {
      isMissing: walrus[3] === undefined,
      again: `(${walrus[1]} := ${target}) is ${walrus[4]}`,
      local: walrus[1]!,
    };
  const compared = /^([\w.]+) is (not )?(\w+)$/.exec(plain);
  if (compared !== null && compared[1] === asked)
    return { isMissing: compared[2] === undefined, again: `${asked} is ${compared[3]}` };
  if (plain === asked || plain === `not ${asked}`)
    return { isMissing: plain !== asked, again: `not ${asked}` };
  const had = /^(not )?hasattr\((\w+), ["'](\w+)["']\)$/.exec(plain);
  if (had !== null && owner !== "" && had[2] === owner && had[3] === name)
    return { isMissing: had[1] !== undefined, again: plain.replace(/^(not )?/, "not ") };
  return undefined;
}

/** The same for a flag that is up while there is something to do, and taken down at last. */
function raisedTest(
  condition: string,
  target: string,
): { isMissing: boolean; again: string; local?: string } | undefined {
  const plain = condition.replace(/^\((.*)\)$/, "$1");
  if (plain !== target && plain !== `not ${target}`) return undefined;
  return { isMissing: plain === target, again: target };
}

/** Who finds the object leaves with the same as who has made it, and nothing is left to do for the latter. */
function leavesAlike(tree: CompactTree, head: number, behind: readonly number[]): boolean {
  const [early, ...more] = tree.childrenOf(head, Field.Consequence);
  if (early === undefined || more.length > 0 || tree.kind(early) !== Kind.ReturnStatement) return false;
  const [last, ...further] = behind;
  if (last === undefined) return tree.firstChild(early) === 0;
  return further.length === 0 && tree.source(last) === tree.source(early);
}

/** The last statement stores to the target, and none before it does: what others find there is complete. */
function publishesLast(tree: CompactTree, statements: readonly number[], target: string): boolean {
  const last = statements.at(-1) ?? 0;
  const stores = (of: readonly number[]) =>
    [...executedNodes(tree, of)].filter((node) => isStore(tree, node, target));
  const [only, ...more] = stores([last]);
  if (only === undefined || stores(statements.slice(0, -1)).length > 0) return false;
  if (tree.kind(last) === Kind.IfStatement) {
    // Each of its ways stores to it at last, or not at all.
    const ways = branchesOf(tree, last).map((block) => tree.children(block));
    return ways.every((way) => stores(way).length === 0 || publishesLast(tree, way, target));
  }
  if (more.length > 0 || tree.kind(last) !== Kind.ExpressionStatement) return false;
  const targets: number[] = [];
  for (let at = tree.firstChild(last); tree.kind(at) === Kind.Assignment; at = tree.child(at, Field.Right)) {
    targets.push(tree.child(at, Field.Left));
  }
  // They are given the value from left to right; behind this one only local names may come.
  const position = targets.indexOf(only);
  return position >= 0 && targets.slice(position + 1).every((other) => tree.kind(other) === Kind.Identifier);
}

/** The blocks of an `if` statement, of its `elif` and of its `else`. */
function branchesOf(tree: CompactTree, head: number): number[] {
  const clauses = tree.children(head).filter((part) => part !== tree.child(head, Field.Condition));
  return clauses.map((part) => {
    if (tree.kind(part) === Kind.Block) return part;
    return tree.child(part, Field.Consequence) || tree.child(part, Field.Body);
  });
}

function isStore(tree: CompactTree, node: number, target: string): boolean {
  if (tree.field(node) !== Field.Left || tree.source(node) !== target) return false;
  const kind = tree.kind(tree.parent(node));
  return kind === Kind.Assignment || kind === Kind.AugmentedAssignment;
}

/** What runs behind a statement in its function, in its block and those around it. */
function restOf(tree: CompactTree, statement: number): number[] {
  const fn = functionAround(tree, statement);
  const rest: number[] = [];
  for (let at = statement; at > 0 && at !== fn; at = tree.parent(at)) {
    for (let next = tree.next(at); next !== 0; next = tree.next(next)) rest.push(next);
  }
  return rest;
}

/** Whether names that are only bound when this thread makes the object are used behind it. */
function handsOnLocals(
  tree: CompactTree,
  statements: readonly number[],
  behind: readonly number[],
  known: string | undefined,
): boolean {
  for (const node of executedNodes(tree, behind)) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) === known) continue;
    if (tree.kind(tree.parent(node)) === Kind.Attribute && tree.field(node) === Field.Attribute) continue;
    const name = tree.source(node);
    const isTarget = statements.some((s) => isGlobalStore(tree, s, name));
    if (!isTarget && binds(tree, statements, name)) return true;
  }
  return false;
}

/** The statement stores to a variable of this name that its function has declared global or nonlocal. */
function isGlobalStore(tree: CompactTree, statement: number, name: string): boolean {
  const fn = functionAround(tree, statement);
  for (let node = fn; node < tree.subtreeEnd(fn); node += 1) {
    const kind = tree.kind(node);
    if (kind !== Kind.GlobalStatement && kind !== Kind.NonlocalStatement) continue;
    if (tree.children(node).some((child) => tree.source(child) === name)) return true;
  }
  return false;
}
