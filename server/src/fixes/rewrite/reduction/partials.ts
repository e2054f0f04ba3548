// Work that threads share in their innermost loops: each collects for itself, and hands over once, behind the loop.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { isPlain, methodCall, rebinds } from "../text/expressions.ts";
import { losesComment, patched } from "../text/layout.ts";
import { freshName } from "../text/localNames.ts";
import { type Collecting, summedIn } from "./sums.ts";

/** `with lock: total += x` and `with lock: found.append(x)` in a loop. */
export function mergeUnderLockOnce(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const held = place.statementOf(place.node);
  if (tree.kind(held) !== Kind.WithStatement || !isPlain(tree, place.node)) return undefined;
  const body = tree.childrenOf(held, Field.Body);
  const [only] = body;
  if (only === undefined || body.length !== 1) return undefined;
  const collecting = collectingIn(place, only);
  if (collecting === undefined || !place.ownsLines(held)) return undefined;
  const lock = tree.source(place.node);
  const kept = [[tree.start(only), source.lineEnd(tree.end(only))] as const];
  if (losesComment(source, tree.start(held), source.lineEnd(tree.end(held)), kept)) return undefined;
  return mergedBehind(place, held, only, collecting, lock);
}

/** `squares.append(x)` in a loop of each thread. */
export function mergeOnce(place: Place): TextFix | undefined {
  const { tree } = place;
  const statement = place.statementOf(place.node);
  const collecting = collectingIn(place, statement);
  if (collecting === undefined || tree.kind(tree.firstChild(statement)) !== Kind.Call) return undefined;
  return place.ownsLines(statement) ? mergedBehind(place, statement, statement, collecting, "") : undefined;
}

function collectingIn(place: Place, statement: number): Collecting | undefined {
  const { tree } = place;
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  const summed = summedIn(place, statement);
  if (summed !== undefined) return summed;
  const only = tree.firstChild(statement);
  const call = methodCall(tree, only);
  if (call === undefined || call.args.length !== 1) return undefined;
  const kind = kindOf(tree, tree.source(call.receiver));
  if (call.name === "append" && (kind === "list" || kind === "deque")) {
    return {
      shared: call.receiver,
      start: "[]",
      merge: (part) => `${tree.source(call.receiver)}.extend(${part})`,
    };
  }
  if (call.name === "add" && kind === "set") {
    return {
      shared: call.receiver,
      start: "set()",
      merge: (part) => `${tree.source(call.receiver)}.update(${part})`,
    };
  }
  return undefined;
}

/**
 * @param outer the statement to replace, in the loop
 * @param inner the statement that collects, which stays
 * @param lock what to hold while merging; empty for none
 */
export function mergedBehind(
  place: Place,
  outer: number,
  inner: number,
  collecting: Collecting,
  lock: string,
): TextFix | undefined {
  const { shared, start, merge } = collecting;
  const { tree, source } = place;
  const loop = outermostLoop(place, outer);
  if (loop === 0 || !place.ownsLines(loop)) return undefined;
  if (tree.kind(shared) !== Kind.Subscript && !isPlain(tree, shared)) return undefined;
  const name = tree.source(shared);
  if (leavesOrWaits(tree, loop) || rebinds(tree, [loop], lock === "" ? [] : [lock])) return undefined;
  if (endsLoop(place, outer, loop)) return undefined;
  if (isCaught(tree, loop) || isUsedBesides(tree, loop, inner, collecting)) return undefined;
  const part = freshName(tree, `own_${lastName(name.replace(/\[.*/s, "")).replace(/^_+/, "").toLowerCase()}`);
  const { eol, unit } = source;
  const indent = source.indentAt(tree.start(loop));
  const end = source.lineEnd(tree.end(inner));
  const statement = { start: tree.start(inner), end: tree.end(inner) };
  const collect = patched(source, tree.start(inner), end, [
    collecting.collect === undefined
      ? { start: tree.start(shared), end: tree.end(shared), newText: part }
      : { ...statement, newText: collecting.collect(part) },
  ]);
  const inside = indent + unit;
  const behind = lock === "" ? merge(part, indent) : `with ${lock}:${eol}${inside}${merge(part, inside)}`;
  return place.fix(
    `Collect in \`${part}\` and hand over once, behind the loop${lock === "" ? "" : `, under \`${lock}\``} (others see it only then; lost if the loop raises)`,
    [
      ...(collecting.edits ?? []),
      source.insert(tree.start(loop), `${part} = ${start}${eol}${indent}`),
      source.replace(tree.start(outer), source.lineEnd(tree.end(outer)), collect),
      source.insert(source.lineEnd(tree.end(loop)), `${eol}${indent}${behind}`),
    ],
    false,
  );
}

/** Whether the loop is left behind the statement, `found += 1` and `break`: then there is nothing to collect. */
function endsLoop({ tree }: Place, statement: number, loop: number): boolean {
  for (let at = statement; at !== loop && at > 0; at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.ForStatement || kind === Kind.WhileStatement) return false; // only the inner one is left
    for (let next = tree.next(at); next !== 0; next = tree.next(next)) {
      if (tree.kind(next) === Kind.BreakStatement) return true;
    }
  }
  return false;
}

/** Whether the loop uses the shared object, or the mapping that it is an element of, in another place. */
function isUsedBesides(
  tree: CompactTree,
  loop: number,
  inner: number,
  { shared, collect }: Collecting,
): boolean {
  const used = tree.kind(shared) === Kind.Subscript ? tree.child(shared, Field.Value) : shared;
  // A new statement for the old one leaves none of its uses.
  const [from, to] = collect === undefined ? [used, used + 1] : [inner, tree.subtreeEnd(inner)];
  return [...executedNodes(tree, [loop])].some(
    (node) =>
      (node < from || node >= to) &&
      tree.kind(node) === tree.kind(used) &&
      tree.source(node) === tree.source(used),
  );
}

/** An exception that is caught in the loop or around it would have left what was collected so far. */
function isCaught(tree: CompactTree, loop: number): boolean {
  for (let at = tree.parent(loop); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition) break;
    if (tree.kind(at) === Kind.TryStatement) return true;
  }
  return false;
}

/** The outermost loop of the function around a statement; 0 when something other than loops and tests is between. */
export function outermostLoop(place: Place, statement: number): number {
  const { tree } = place;
  let found = 0;
  for (let at = tree.parent(statement); at > 0; at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition) break;
    if (kind === Kind.WithStatement || kind === Kind.TryStatement || kind === Kind.MatchStatement) break;
    if (kind === Kind.WhileStatement && tree.source(tree.child(at, Field.Condition)) === "True") return found;
    if (kind === Kind.ForStatement || kind === Kind.WhileStatement) found = at;
  }
  return found;
}

function leavesOrWaits(tree: CompactTree, loop: number): boolean {
  return [...executedNodes(tree, [loop])].some((node) => {
    const kind = tree.kind(node);
    return (
      kind === Kind.ReturnStatement ||
      kind === Kind.RaiseStatement ||
      kind === Kind.Yield ||
      kind === Kind.Await ||
      kind === Kind.FunctionDefinition ||
      kind === Kind.Lambda
    );
  });
}
