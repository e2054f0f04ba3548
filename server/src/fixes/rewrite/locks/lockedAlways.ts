// Locks that are made or taken only where there is no GIL: always.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { executedNodes, functionAround, isTarget } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { losesComment, statementsAt } from "../text/layout.ts";

const never = /^(None|(contextlib\.)?nullcontext\(.*\))$/;

/** `Lock() if free_threaded else None`, and the same as a statement. */
export function lockedAlways(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const title = "Make and take the lock always (some tens of nanoseconds where nobody else wants it)";
  for (let at = place.node; at > 0; at = tree.parent(at)) {
    const around = tree.parent(at);
    if (around <= 0 || tree.kind(around) === Kind.FunctionDefinition) return undefined;
    if (tree.kind(around) === Kind.ConditionalExpression) {
      const others = tree.children(around).filter((child) => child !== at);
      if (tree.source(at).includes("\n") || !others.some((child) => never.test(tree.source(child))))
        return undefined;
      const edit = source.replace(tree.start(around), tree.end(around), tree.source(at));
      return place.fix(title, [...answerOf(place, around, others), edit], false);
    }
    if (tree.kind(around) !== Kind.IfStatement) continue;
    const branches = branchesOf(tree, around);
    const own = branches.find((branch) =>
      branch.some((s) => s <= place.node && place.node < tree.subtreeEnd(s)),
    );
    const other = branches.find((branch) => branch !== own);
    if (own === undefined || other === undefined || branches.length !== 2 || !place.ownsLines(around))
      return undefined;
    if (!sameWithout(place, own, other)) return undefined;
    const [start, end] = [tree.start(around), source.lineEnd(tree.end(around))];
    const kept = [[tree.start(own[0]!), source.lineEnd(tree.end(own.at(-1)!))] as const];
    if (losesComment(source, start, end, kept) || !source.isFirstOnLine(tree.start(own[0]!)))
      return undefined;
    const indent = source.indentAt(start);
    const text = statementsAt(source, own, indent).slice(indent.length);
    const edits = answerOf(place, around, [tree.child(around, Field.Condition)]);
    return place.fix(title, [...edits, source.replace(start, end, text)], false);
  }
  return undefined;
}

/** `gil = sys._is_gil_enabled()` in front, which nothing asks any more: an edit that takes it out. */
function answerOf(place: Place, test: number, asked: readonly number[]): TextEdit[] {
  const { tree, source } = place;
  const fn = functionAround(tree, test);
  const names = [...executedNodes(tree, asked)].filter((node) => tree.kind(node) === Kind.Identifier);
  const [name, ...more] = names;
  if (fn === 0 || name === undefined || more.length > 0) return [];
  const uses = [...executedNodes(tree, tree.childrenOf(fn, Field.Body))].filter(
    (node) => tree.kind(node) === Kind.Identifier && tree.source(node) === tree.source(name) && node !== name,
  );
  const [made, ...others] = uses;
  const statement = made === undefined ? 0 : place.statementOf(made);
  const isMade =
    made !== undefined && tree.kind(tree.parent(made)) === Kind.Assignment && isTarget(tree, made);
  if (!isMade || others.length > 0 || tree.parent(tree.parent(made)) !== statement) return [];
  if (!place.ownsLines(statement) || place.siblingsOf(statement).length === 1) return [];
  const next = source.text.indexOf("\n", tree.end(statement)) + 1;
  return [source.replace(source.lineStart(tree.start(statement)), next, "")];
}

/** The statements of `if` and `else`; more with `elif`. */
function branchesOf(tree: CompactTree, test: number): number[][] {
  const others = tree.children(test).filter((c) => tree.field(c) === Field.Alternative);
  if (others.some((clause) => tree.kind(clause) !== Kind.ElseClause)) return [];
  return [tree.childrenOf(test, Field.Consequence), ...others.map((c) => tree.childrenOf(c, Field.Body))];
}

/** The other branch does the same without a lock: stores None, or runs the statements of the `with` block. */
function sameWithout({ tree }: Place, own: readonly number[], other: readonly number[]): boolean {
  const [statement, ...more] = own;
  if (statement === undefined || more.length > 0) return false;
  const said = (nodes: readonly number[]) => nodes.map((s) => tree.source(s).replace(/\s+/g, " ")).join("\n");
  if (tree.kind(statement) === Kind.WithStatement)
    return said(tree.childrenOf(statement, Field.Body)) === said(other);
  const [stored, instead] = [tree.firstChild(statement), tree.firstChild(other[0]!)];
  return (
    other.length === 1 &&
    tree.kind(stored) === Kind.Assignment &&
    tree.kind(instead) === Kind.Assignment &&
    tree.source(tree.child(stored, Field.Left)) === tree.source(tree.child(instead, Field.Left)) &&
    never.test(tree.source(tree.child(instead, Field.Right))) &&
    ![...executedNodes(tree, own)].some((node) => tree.kind(node) === Kind.Await)
  );
}
