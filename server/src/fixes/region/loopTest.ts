// `while heap: item = heappop(heap)`: the loop's test belongs to the operation, and has to be asked again under the
// lock each time round, while the rest of the loop runs without it.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextEdit } from "../fix.ts";
import { bare, comparison, negated } from "../rewrite/text/expressions.ts";
import type { GuardedCode, Region } from "./codeUnderLock.ts";
import { isLight } from "./reach.ts";
import { wrapUnder } from "./region.ts";

/** Longer lines would need a layout of their own. */
const widest = 88;

/**
 * Puts the first statements of a loop under the lock, together with the loop's test.
 * @param name of the data
 * @returns undefined where the code begins no loop whose test looks at the data
 */
export function wrapWithTest(one: GuardedCode, lock: string, name: string): TextEdit[] | undefined {
  const { source, region } = one;
  const { tree, eol } = source;
  const loop = tree.parent(region.block);
  if (tree.kind(loop) !== Kind.WhileStatement) return undefined;
  const leave = leaving(one, loop, name);
  if (leave === undefined || leave.first !== region.statements[0]) return undefined;
  if (region.statements.every((statement) => isStoreOf(tree, statement, dataIn(one, name)))) return undefined;
  const condition = tree.child(loop, Field.Condition);
  const { indent, unit, test } = leave;
  return [
    source.replace(tree.start(condition), tree.end(condition), "True"),
    ...wrapUnder(source, region, [`with ${lock}:`, `${test}${eol}${indent}${unit}${unit}break`]),
  ];
}

/**
 * Of a whole loop, the first statements up to the last that needs the data, where what follows is of weight: with
 * the loop's test they are all that has to run under the lock.
 */
export function headOfLoop(one: GuardedCode, name: string): Region | undefined {
  const { tree } = one.source;
  const [loop, ...more] = one.region.statements;
  if (more.length > 0 || tree.kind(loop!) !== Kind.WhileStatement) return undefined;
  const leave = leaving(one, loop!, name);
  if (leave === undefined) return undefined;
  const statements = tree.childrenOf(loop!, Field.Body);
  const data = dataIn(one, name);
  const condition = tree.child(loop!, Field.Condition);
  const needs = (statement: number) =>
    mentionsIn(tree, statement, data) || one.accesses.some((access) => covers(tree, statement, access));
  const end = statements.findLastIndex(needs) + 1;
  const isKnown = one.accesses.every((access) =>
    [condition, ...statements].some((node) => covers(tree, node, access)),
  );
  const rest = statements.slice(end);
  if (end === 0 || !isKnown || rest.every((statement) => isLight(tree, statement))) return undefined;
  return { block: tree.parent(statements[0]!), statements: statements.slice(0, end) };
}

interface Leaving {
  readonly first: number;
  readonly indent: string;
  readonly unit: string;
  /** `if not jobs:` */
  readonly test: string;
}

/** How a loop whose test looks at the data is left from within; undefined for other loops. */
function leaving(one: GuardedCode, loop: number, name: string): Leaving | undefined {
  const { source } = one;
  const { tree } = source;
  const condition = tree.child(loop, Field.Condition);
  const [first] = tree.childrenOf(loop, Field.Body);
  if (tree.child(loop, Field.Alternative) !== 0 || !source.isFirstOnLine(tree.start(first!)))
    return undefined;
  if (!mentionsIn(tree, condition, dataIn(one, name)) || !isLight(tree, condition)) return undefined;
  const indent = source.indentAt(tree.start(first!));
  const unit = source.unitOf(tree.parent(first!)) ?? source.unit;
  const left = leavingTest(tree, condition);
  const test = `if ${left}:`;
  if (left === undefined || indent.length + unit.length + test.length > widest) return undefined;
  return { first: first!, indent, unit, test };
}

function dataIn({ site }: GuardedCode, name: string): string {
  return site.receiver === undefined ? (site.importedAs ?? name) : `${site.receiver}.${name}`;
}

function mentionsIn(tree: CompactTree, node: number, data: string): boolean {
  for (let at = node; at < tree.subtreeEnd(node); at += 1) if (tree.source(at) === data) return true;
  return false;
}

function covers(tree: CompactTree, node: number, { start, end }: { start: number; end: number }): boolean {
  return tree.start(node) <= start && end <= tree.end(node);
}

/** `self.n = 0`: what is only stored does not build on the test. */
function isStoreOf(tree: CompactTree, statement: number, data: string): boolean {
  const assignment = tree.firstChild(statement);
  if (tree.kind(statement) !== Kind.ExpressionStatement || tree.kind(assignment) !== Kind.Assignment)
    return false;
  const value = tree.child(assignment, Field.Right);
  const isRead = value !== 0 && mentionsIn(tree, value, data);
  return tree.source(tree.child(assignment, Field.Left)) === data && !isRead;
}

const opposites: Readonly<Record<string, string>> = {
  is: "is not",
  "is not": "is",
  in: "not in",
  "not in": "in",
};

/** When the loop ends, in one line; undefined where comments or strings stand in the way. */
function leavingTest(tree: CompactTree, condition: number): string | undefined {
  const oneLine = (node: number) => {
    const text = tree.source(node);
    return /["'#]/.test(text) && text.includes("\n") ? undefined : text.replace(/\s*\\?\r?\n\s*/g, " ");
  };
  const node = bare(tree, condition);
  const inner = negated(tree, node);
  if (inner !== 0) return oneLine(inner);
  const text = oneLine(node);
  if (text === undefined) return undefined;
  const test = comparison(tree, node);
  const turned = test === undefined ? undefined : opposites[test.operator];
  if (turned !== undefined) return `${tree.source(test!.left)} ${turned} ${tree.source(test!.right)}`;
  return /^[\w.]+$/.test(text) || tree.kind(node) === Kind.Call ? `not ${text}` : `not (${text})`;
}
