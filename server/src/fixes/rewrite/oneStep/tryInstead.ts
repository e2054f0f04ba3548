// "Try instead of asking first": the test and the act become one step, and the exception says what the test said.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { executedNodes, isTarget } from "../../scopes.ts";
import { isBlock, type Place } from "../place.ts";
import { callsBetween, isFreeOfEffects, isPlain, rebinds } from "../text/expressions.ts";
import {
  losesComment,
  patched,
  type Replacement,
  statementsAt,
  withLeadingComments,
} from "../text/layout.ts";
import { freshLocal } from "../text/localNames.ts";
import { type Removal, removedBehind } from "./removal.ts";

/** The step that fails when the test would have been false. */
export interface Act {
  /** The expression that does it, or the target of a `del`. */
  readonly node: number;
  /** What stands in its place: the same in a form that fails at once. */
  readonly text: string;
  /** The exception that then comes, as the file names it. */
  readonly exception: string;
  /** Edits that give the file the exception's name. */
  readonly edits: readonly TextEdit[];
  /** What the result is called where it needs a name. */
  readonly name: string;
  /** Further places with the same value may read the name instead. */
  readonly isValue: boolean;
  /** Expressions that must mean the same at test and act. */
  readonly parts: readonly number[];
  /** Whether the container is known to be of a built-in kind, whose exception means this and nothing else. */
  readonly isKnown: boolean;
  /** How later code removes what was looked up, which relies on the test as well. */
  readonly removal?: Removal;
  /** 1: the condition says that the act will work; -1: that it will not; 0: it says something else. */
  test(condition: number): 1 | -1 | 0;
}

/** The statements of both outcomes, and the loop or condition that decided between them. */
interface Shape {
  readonly form: "if" | "while" | "exit";
  /** The statement with the test. */
  readonly head: number;
  readonly works: readonly number[];
  readonly fails: readonly number[];
}

export function tryInstead(place: Place, act: Act): TextFix | undefined {
  const { tree, source } = place;
  if (!act.parts.every((part) => isFreeOfEffects(tree, part))) return undefined;
  const statement = place.statementOf(act.node);
  const shape = shapeAround(place, statement, act);
  if (shape === undefined || shape.works[0] !== statement || !isSimple(tree, statement)) return undefined;
  const last = shape.form === "exit" ? statement : shape.head;
  if (!source.isFirstOnLine(tree.start(shape.head)) || !endsLine(place, last)) return undefined;
  const isDirect = isDirectUse(tree, statement, act.node);
  if (!isDirect && !isFirstStep(tree, statement, act.node)) return undefined;
  if (hasBareRaise(tree, shape.fails)) return undefined;

  const indent = source.indentAt(tree.start(shape.head));
  const { unit, eol } = source;
  const inner = indent + unit;
  const name = freshLocal(tree, act.name, act.node);
  const behind = shape.form === "exit" ? siblingsBehind(place, statement) : shape.works.slice(1);
  const after = shape.form === "exit" ? [] : siblingsBehind(place, shape.head);
  const removed =
    act.removal === undefined
      ? { replacements: [] }
      : removedBehind(tree, act.removal, statement, behind, after);
  if (removed === undefined) return undefined;
  const { taking } = removed;
  const rest = shape.works.slice(1).filter((one) => one !== taking?.statement);
  const later = isDirect || shape.form === "exit" ? [] : rest;
  const again = act.isValue ? sameReads(place, act, [statement, ...later]) : [];
  const step = taking?.text ?? act.text;
  const replaceAct: Replacement = { start: tree.start(act.node), end: tree.end(act.node), newText: step };
  const useName = [
    { ...replaceAct, newText: name },
    ...again.map((node) => ({ start: tree.start(node), end: tree.end(node), newText: name })),
  ];
  const isWhile = shape.form === "while";
  const tryIndent = isWhile ? inner : indent;
  const tried = isDirect
    ? statementText(place, statement, tryIndent + unit, [replaceAct])
    : `${tryIndent + unit}${name} = ${step}`;
  const failing =
    shape.fails.length > 0
      ? statementsAt(source, shape.fails, tryIndent + unit, withoutContext(tree, shape.fails))
      : `${tryIndent + unit}${isWhile ? "break" : "pass"}`;
  const lines = [`${tryIndent}try:`, tried, `${tryIndent}except ${act.exception}:`, failing];
  const using = isDirect ? "" : statementText(place, statement, bodyIndent(), useName);
  const following = shape.form === "exit" || rest.length === 0 ? "" : restAt(bodyIndent());
  const body = [using, following].filter((text) => text !== "");
  if (body.length > 0 && shape.form === "if") lines.push(`${indent}else:`);
  lines.push(...body);
  if (isWhile) lines.unshift(`${indent}while True:`);

  const start = tree.start(shape.head);
  const end = source.lineEnd(tree.end(last));
  const apart = shape.form === "exit" ? removed.replacements : [];
  const dropped = shape.form === "exit" && taking !== undefined ? [taking.statement] : [];
  if (!dropped.every((one) => place.ownsLines(one))) return undefined;
  const kept = [shape.fails, shape.works]
    .filter((part) => part.length > 0)
    .map((part) => [tree.start(part[0]!), source.lineEnd(tree.end(part.at(-1)!))] as const);
  if (losesComment(source, start, end, kept)) return undefined;
  const isQuiet = shape.fails.every((s) => isQuietExit(tree, s));
  const noOtherCode = again.every(
    (node) => !callsBetween(tree, [statement, ...later], tree.start(act.node), tree.start(node)),
  );
  const also = removed.replacements.map(({ newText }) => `, then \`${oneLine(newText)}\``)[0] ?? "";
  return place.fix(
    `Try \`${oneLine(step)}\` and expect \`${act.exception}\`, in place of the test${also}`,
    [
      ...act.edits,
      source.replace(start, end, lines.join(eol).slice(indent.length)),
      ...apart.map((one) => source.replace(one.start, one.end, one.newText)),
      ...dropped.map((one) => withoutLine(place, one)),
    ],
    act.isKnown && isQuiet && noOtherCode,
  );

  function restAt(to: string): string {
    const start = withLeadingComments(source, statement, rest[0]!);
    return statementsAt(source, rest, to, [...useName.slice(1), ...removed!.replacements], start);
  }

  function bodyIndent(): string {
    return shape!.form === "exit" ? indent : inner;
  }
}

function withoutLine({ source, tree }: Place, statement: number): TextEdit {
  const end = source.lineEnd(tree.end(statement));
  return source.replace(
    source.lineStart(tree.start(statement)),
    Math.min(end + source.eol.length, source.text.length),
    "",
  );
}

/** The statements behind this one in its block. */
function siblingsBehind(place: Place, statement: number): number[] {
  const siblings = place.siblingsOf(statement);
  return siblings.slice(siblings.indexOf(statement) + 1);
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Where the test stands: an `if` or `while` around the act, or one before it that leaves. */
function shapeAround(place: Place, statement: number, act: Act): Shape | undefined {
  const { tree } = place;
  const siblings = place.siblingsOf(statement);
  const before = siblings[siblings.indexOf(statement) - 1];
  if (before !== undefined && tree.kind(before) === Kind.IfStatement) {
    const fails = tree.childrenOf(before, Field.Consequence);
    const isExit = tree.child(before, Field.Alternative) === 0 && leaves(tree, fails);
    if (isExit && act.test(tree.child(before, Field.Condition)) === -1) {
      return { form: "exit", head: before, works: [statement], fails };
    }
  }
  const block = tree.parent(statement);
  const head = tree.parent(block);
  if (!isBlock(tree.kind(block)) || head < 0) return undefined;
  const works = tree.children(block);
  if (tree.kind(head) === Kind.WhileStatement) {
    if (tree.child(head, Field.Alternative) !== 0 || act.test(tree.child(head, Field.Condition)) !== 1)
      return undefined;
    return { form: "while", head, works, fails: [] };
  }
  if (tree.kind(head) === Kind.IfStatement) {
    const alternatives = tree.children(head).filter((c) => tree.field(c) === Field.Alternative);
    if (alternatives.length > 1 || act.test(tree.child(head, Field.Condition)) !== 1) return undefined;
    const [other] = alternatives;
    if (other !== undefined && tree.kind(other) !== Kind.ElseClause) return undefined;
    return { form: "if", head, works, fails: other === undefined ? [] : tree.childrenOf(other, Field.Body) };
  }
  if (tree.kind(head) === Kind.ElseClause) {
    const outer = tree.parent(head);
    const alternatives = tree.children(outer).filter((c) => tree.field(c) === Field.Alternative);
    if (tree.kind(outer) !== Kind.IfStatement || alternatives.length > 1) return undefined;
    if (act.test(tree.child(outer, Field.Condition)) !== -1) return undefined;
    return { form: "if", head: outer, works, fails: tree.childrenOf(outer, Field.Consequence) };
  }
  return undefined;
}

/** Whether the last of these statements goes elsewhere. */
export function leaves(tree: CompactTree, statements: readonly number[]): boolean {
  const last = statements.at(-1);
  if (last === undefined) return false;
  const kind = tree.kind(last);
  return (
    kind === Kind.ReturnStatement ||
    kind === Kind.RaiseStatement ||
    kind === Kind.BreakStatement ||
    kind === Kind.ContinueStatement
  );
}

function isSimple(tree: CompactTree, statement: number): boolean {
  const kind = tree.kind(statement);
  return kind === Kind.ExpressionStatement || kind === Kind.ReturnStatement || kind === Kind.DeleteStatement;
}

function endsLine(place: Place, statement: number): boolean {
  const { tree, source } = place;
  const end = tree.end(statement);
  return /^\s*(#.*)?$/.test(source.text.slice(end, source.lineEnd(end)));
}

/** The statement does nothing else that could raise the exception: `ACT`, `x = ACT`, `return ACT`, `del ACT`. */
function isDirectUse(tree: CompactTree, statement: number, act: number): boolean {
  const parent = tree.parent(act);
  if (parent === statement) return tree.children(statement).length === 1;
  if (tree.kind(parent) !== Kind.Assignment || tree.parent(parent) !== statement) return false;
  if (tree.field(act) !== Field.Right) return false;
  const left = tree.child(parent, Field.Left);
  // Taking a tuple apart raises other exceptions than taking it out.
  const names = tree.kind(left) === Kind.PatternList ? tree.children(left) : [left];
  return names.every((name) => tree.kind(name) === Kind.Identifier);
}

/** Nothing else runs before the act in its statement, and the act runs whenever the statement does. */
function isFirstStep(tree: CompactTree, statement: number, act: number): boolean {
  if (tree.kind(statement) === Kind.DeleteStatement || isTarget(tree, act)) return false;
  if (callsBetween(tree, [statement], 0, tree.start(act))) return false;
  for (let at = tree.parent(act); at !== statement; at = tree.parent(at)) {
    const kind = tree.kind(at);
    const isBranch =
      kind === Kind.BooleanOperator ||
      kind === Kind.ConditionalExpression ||
      kind === Kind.Lambda ||
      kind === Kind.AugmentedAssignment ||
      (kind >= Kind.ListComprehension && kind <= Kind.GeneratorExpression);
    if (isBranch || kind === Kind.NamedExpression || kind === Kind.Await) return false;
  }
  return true;
}

/** Later reads of the same value, unless something in between gives it another meaning. */
function sameReads(place: Place, act: Act, statements: readonly number[]): number[] {
  const { tree } = place;
  const wanted = tree.source(act.node);
  const meant = [wanted, ...act.parts.map((part) => tree.source(part))];
  if (rebinds(tree, statements, meant)) return [];
  return [...executedNodes(tree, statements)].filter(
    (node) => node !== act.node && tree.kind(node) === tree.kind(act.node) && tree.source(node) === wanted,
  );
}

/** `raise KeyError(name)` has no other error behind it, in the handler neither: `raise KeyError(name) from None`. */
function withoutContext(tree: CompactTree, fails: readonly number[]): Replacement[] {
  return [...executedNodes(tree, fails)]
    .filter((node) => tree.kind(node) === Kind.RaiseStatement && tree.child(node, Field.Cause) === 0)
    .filter((node) => !isWithin(tree, node, Kind.ExceptClause, fails[0]!))
    .map((node) => ({ start: tree.end(node), end: tree.end(node), newText: " from None" }));
}

/** Whether it stands in something of this kind that lies behind or in the first statement. */
function isWithin(tree: CompactTree, node: number, kind: Kind, first: number): boolean {
  for (let at = tree.parent(node); at >= first; at = tree.parent(at)) if (tree.kind(at) === kind) return true;
  return false;
}

function hasBareRaise(tree: CompactTree, statements: readonly number[]): boolean {
  return [...executedNodes(tree, statements)].some(
    (node) => tree.kind(node) === Kind.RaiseStatement && tree.firstChild(node) === 0,
  );
}

/** Leaves without running code, so that it does not matter that an exception is being handled. */
function isQuietExit(tree: CompactTree, statement: number): boolean {
  const kind = tree.kind(statement);
  if (kind === Kind.ReturnStatement) return tree.children(statement).every((c) => isPlain(tree, c));
  return kind === Kind.PassStatement || kind === Kind.BreakStatement || kind === Kind.ContinueStatement;
}

function statementText(
  place: Place,
  statement: number,
  to: string,
  replacements: readonly Replacement[],
): string {
  const { source, tree } = place;
  const text = statementsAt(source, [statement], to, replacements);
  return text === "" ? patched(source, tree.start(statement), tree.end(statement), replacements) : text;
}
