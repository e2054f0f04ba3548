// Work that threads share in their innermost loops: each collects for itself, and hands over once, behind the loop.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextFix } from "../fix.ts";
import { executedNodes, lastName } from "../scopes.ts";
import { isPlain, methodCall, rebinds } from "./expressions.ts";
import { kindOf } from "./kinds.ts";
import { losesComment, patched } from "./layout.ts";
import { freshName } from "./localNames.ts";
import type { Place } from "./place.ts";

interface Collecting {
  /** The shared number or container. */
  readonly shared: number;
  readonly start: string;
  /** What hands the part over, given its name. */
  merge(part: string): string;
}

/** `with lock: total += x` and `with lock: found.append(x)` in a loop. */
export function mergeUnderLockOnce(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const held = place.statementOf(place.node);
  if (tree.kind(held) !== Kind.WithStatement || !isPlain(tree, place.node)) return undefined;
  const body = tree.childrenOf(held, Field.Body);
  const [only] = body;
  if (only === undefined || body.length !== 1) return undefined;
  const collecting = collectingIn(tree, only);
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
  const collecting = collectingIn(tree, statement);
  if (collecting === undefined || tree.kind(tree.firstChild(statement)) !== Kind.Call) return undefined;
  return place.ownsLines(statement) ? mergedBehind(place, statement, statement, collecting, "") : undefined;
}

function collectingIn(tree: CompactTree, statement: number): Collecting | undefined {
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  const only = tree.firstChild(statement);
  if (tree.kind(only) === Kind.AugmentedAssignment) {
    const shared = tree.child(only, Field.Left);
    const operator = tree.text.slice(tree.end(shared), tree.start(tree.child(only, Field.Right))).trim();
    if (operator !== "+=" || kindOf(tree, tree.source(shared)) !== "number") return undefined;
    return { shared, start: "0", merge: (part) => `${tree.source(shared)} += ${part}` };
  }
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
function mergedBehind(
  place: Place,
  outer: number,
  inner: number,
  { shared, start, merge }: Collecting,
  lock: string,
): TextFix | undefined {
  const { tree, source } = place;
  const loop = outermostLoop(place, outer);
  if (loop === 0 || !place.ownsLines(loop) || !isPlain(tree, shared)) return undefined;
  const name = tree.source(shared);
  if (leavesOrWaits(tree, loop) || rebinds(tree, [loop], lock === "" ? [] : [lock])) return undefined;
  const others = [...executedNodes(tree, [loop])].filter(
    (node) => node !== shared && tree.kind(node) === tree.kind(shared) && tree.source(node) === name,
  );
  if (others.length > 0) return undefined;
  const part = freshName(tree, `own_${lastName(name).replace(/^_+/, "").toLowerCase()}`);
  const { eol, unit } = source;
  const indent = source.indentAt(tree.start(loop));
  const end = source.lineEnd(tree.end(inner));
  const collect = patched(source, tree.start(inner), end, [
    { start: tree.start(shared), end: tree.end(shared), newText: part },
  ]);
  const behind = lock === "" ? merge(part) : `with ${lock}:${eol}${indent}${unit}${merge(part)}`;
  return place.fix(
    `Collect in \`${part}\` and hand over once, behind the loop (others see it only then; lost if the loop raises)`,
    [
      source.insert(tree.start(loop), `${part} = ${start}${eol}${indent}`),
      source.replace(tree.start(outer), source.lineEnd(tree.end(outer)), collect),
      source.insert(source.lineEnd(tree.end(loop)), `${eol}${indent}${behind}`),
    ],
    false,
  );
}

/** The outermost loop of the function around a statement; 0 when something other than loops and tests is between. */
function outermostLoop(place: Place, statement: number): number {
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
