// Comments that speak to this analysis: suppressions, annotations and what authors say of threads and the GIL.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { Comment } from "./facts.ts";

const speaksToUs =
  /threadproof|guarded[- ]by|thread-confined|\bGIL\b|atomic|thread[- ]?safe|\b(byte-?code|opcode)/i;

/** In the order of the text. Strings that look like comments are no comments: the tree tells. */
export function collectComments(tree: CompactTree): Comment[] {
  const found: Comment[] = [];
  for (let node = 0; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Comment) continue;
    const text = tree.source(node);
    if (speaksToUs.test(text)) found.push(commentAt(tree, tree.start(node), text));
  }
  return found;
}

function commentAt(tree: CompactTree, start: number, text: string): Comment {
  const lineStart = tree.text.lastIndexOf("\n", start - 1) + 1;
  const before = tree.text.slice(lineStart, start);
  if (before.trim() !== "") {
    const [from, to] = headOf(tree, lineStart + before.trimEnd().length - 1);
    return { start, text, ownLine: false, from: Math.min(from, lineStart), to: Math.max(to, start) };
  }
  const [from, to] = below(tree, start);
  return { start, text, ownLine: true, from, to };
}

/** The simple statement around an offset, or the part of a compound one before its block. */
function headOf(tree: CompactTree, offset: number): readonly [from: number, to: number] {
  const node = climb(tree, tree.enclosing(offset, offset + 1));
  return node === 0 ? [offset, offset] : [tree.start(node), headEnd(tree, node)];
}

/** What stands directly below a comment with a line of its own: a statement with its block, or a clause of one. */
function below(tree: CompactTree, start: number): readonly [from: number, to: number] {
  // Inside brackets the comment belongs to the statement that it interrupts; behind the colon of a head it does not.
  const inner = tree.enclosing(start, start + 1);
  const parent = tree.kind(inner) === Kind.Comment ? tree.parent(inner) : inner;
  const around = climb(tree, parent);
  const end = around === 0 ? 0 : headEnd(tree, around);
  if (start < end && (parent !== around || end === tree.end(around))) return [tree.start(around), end];
  const offset = codeBelow(tree.text, start);
  if (offset < 0) return [start, start];
  let found = 0;
  for (let node = tree.enclosing(offset, offset + 1); node > 0; node = tree.parent(node)) {
    if (tree.start(node) !== offset) break;
    if (statements.has(tree.kind(node))) found = node;
  }
  return found === 0 ? [start, start] : [offset, tree.end(found)];
}

/** The first code behind further comment lines; -1 when an empty line or the end comes first. */
function codeBelow(text: string, comment: number): number {
  for (let at = comment; ; ) {
    const end = text.indexOf("\n", at);
    if (end < 0) return -1;
    const next = text.slice(end + 1).search(/[^ \t\f]/);
    if (next < 0) return -1;
    at = end + 1 + next;
    if (text[at] !== "#") return text[at] === "\n" || text[at] === "\r" ? -1 : at;
  }
}

/** The nearest statement or clause around a node, or 0. */
function climb(tree: CompactTree, node: number): number {
  let at = node;
  while (at > 0 && !statements.has(tree.kind(at))) at = tree.parent(at);
  return Math.max(0, at);
}

function headEnd(tree: CompactTree, node: number): number {
  const definition = tree.kind(node) === Kind.DecoratedDefinition ? tree.child(node, Field.Definition) : 0;
  const owner = definition === 0 ? node : definition;
  for (let child = tree.firstChild(owner); child !== 0; child = tree.next(child)) {
    if (tree.kind(child) === Kind.Block || tree.kind(child) === Kind.CaseClause) return tree.start(child);
  }
  return tree.end(node);
}

/** Statements, and the clauses of statements that have a block of their own. */
const statements = new Set<Kind>([
  Kind.ElifClause,
  Kind.ElseClause,
  Kind.ExceptClause,
  Kind.FinallyClause,
  Kind.CaseClause,
  Kind.DecoratedDefinition,
  Kind.ImportStatement,
  Kind.FutureImportStatement,
  Kind.ImportFromStatement,
  Kind.PrintStatement,
  Kind.AssertStatement,
  Kind.ExpressionStatement,
  Kind.ReturnStatement,
  Kind.DeleteStatement,
  Kind.RaiseStatement,
  Kind.PassStatement,
  Kind.BreakStatement,
  Kind.ContinueStatement,
  Kind.IfStatement,
  Kind.MatchStatement,
  Kind.ForStatement,
  Kind.WhileStatement,
  Kind.TryStatement,
  Kind.WithStatement,
  Kind.FunctionDefinition,
  Kind.GlobalStatement,
  Kind.NonlocalStatement,
  Kind.ExecStatement,
  Kind.TypeAliasStatement,
  Kind.ClassDefinition,
]);
