// Whether code runs only where a key was not found, by the tests and lookups that lead to it.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { bodyOf, executedNodes, functionAround } from "../../scopes.ts";
import { bare, comparison, isConstant, methodCall, negated, rebinds } from "../text/expressions.ts";
import { leaves } from "./tryInstead.ts";

/** An entry of a container: `cache[key]`. */
export interface Entry {
  readonly container: number;
  readonly key: number;
  /** The whole expression. */
  readonly left: number;
}

/**
 * How it is known: the key is not there, what `get` returned is None, which could have been stored too, callers are
 * told of a key that is there, by an error or an answer of its own, or what is there is added to instead.
 */
export type Missing = "absent" | "none" | "reported" | "added";

/** Where an entry is known to be missing: from a test on, to the end of a block. */
export interface MissingEntry {
  readonly how: Missing;
  readonly block: number;
}

/**
 * What the ways to a statement say about an entry, up to the function's or a loop's beginning; undefined where it may be
 * there already.
 */
export function missingAt(tree: CompactTree, statement: number, entry: Entry): MissingEntry | undefined {
  for (let at = statement; at > 0; ) {
    const block = tree.parent(at);
    const siblings = tree.children(block);
    const before = siblings.slice(0, siblings.indexOf(at));
    for (let i = before.length - 1; i >= 0; i -= 1) {
      const how = missingBehind(tree, before[i]!, entry);
      if (how !== undefined) return { how, block };
      if (changes(tree, before[i]!, entry)) return undefined;
    }
    const how = missingIn(tree, block, entry);
    if (how !== undefined) return { how, block };
    const head = headOf(tree, block);
    if (head === 0) return undefined;
    at = head;
  }
  return undefined;
}

/** Whether getting past this statement means that the entry is missing. */
function missingBehind(tree: CompactTree, statement: number, entry: Entry): Missing | undefined {
  const kind = tree.kind(statement);
  if (kind === Kind.IfStatement) {
    const exit = tree.childrenOf(statement, Field.Consequence);
    const isExit = tree.child(statement, Field.Alternative) === 0 && leaves(tree, exit);
    const found = isExit ? told(tree, tree.child(statement, Field.Condition), false, entry) : undefined;
    return orReported(tree, found, exit, entry);
  }
  if (kind !== Kind.TryStatement) return undefined;
  const body = tree.childrenOf(statement, Field.Body);
  const clauses = tree.children(statement).slice(1);
  const otherwise = clauses.find((c) => tree.kind(c) === Kind.ElseClause);
  const found = otherwise === undefined ? body : tree.childrenOf(otherwise, Field.Body);
  const handlers = clauses.filter((c) => c !== otherwise);
  const isOnly = handlers.length === 1 && isKeyError(tree, handlers[0]!);
  const isBehind = isOnly && looksUp(tree, body, entry) && leaves(tree, found);
  return orReported(tree, isBehind ? "absent" : undefined, found, entry);
}

/** @param present the statements that run where the key is there */
function orReported(
  tree: CompactTree,
  found: Missing | undefined,
  present: readonly number[],
  entry: Entry,
): Missing | undefined {
  if (found === undefined) return undefined;
  const { container, key, left } = entry;
  const nodes = [...executedNodes(tree, present)];
  if (nodes.some((node) => addsTo(tree, node, entry))) return "added";
  const isTold = nodes.some((node) => {
    if (tree.kind(node) === Kind.RaiseStatement) return true;
    const value = tree.kind(node) === Kind.ReturnStatement ? tree.firstChild(node) : 0;
    if (value === 0 || tree.kind(value) === Kind.None) return false;
    // The entry itself, or a name for what was found, is no news; `return False` is.
    const isEntry = [container, left].some((one) => tree.source(value).includes(tree.source(one)));
    return !isEntry && (isConstant(tree, value) || namesNothingBut(tree, value, key));
  });
  return isTold ? "reported" : found;
}

/** `counts[k] += 1`, `found.n += 1`, `groups[k].append(x)`: what is stored first is no more than the first of many. */
function addsTo(tree: CompactTree, node: number, entry: Entry): boolean {
  const kind = tree.kind(node);
  if (kind === Kind.Assignment) return same(tree, tree.child(node, Field.Left), entry.left);
  if (kind === Kind.AugmentedAssignment) return isOfEntry(tree, tree.child(node, Field.Left), entry);
  const call = methodCall(tree, node);
  const isAdding = call !== undefined && /^(append|appendleft|extend|insert|add|update)$/.test(call.name);
  return isAdding && isOfEntry(tree, call.receiver, entry);
}

/** The entry, something in it, or the same by a local name. */
function isOfEntry(tree: CompactTree, expression: number, entry: Entry): boolean {
  let at = bare(tree, expression);
  for (; !same(tree, at, entry.left); at = bare(tree, at)) {
    const kind = tree.kind(at);
    if (kind !== Kind.Attribute && kind !== Kind.Subscript) return isNameOf(tree, at, entry);
    at = tree.child(at, kind === Kind.Attribute ? Field.Object : Field.Value);
  }
  return true;
}

/** `found` where the function has `found = d[k]` or `found = d.get(k)`. */
function isNameOf(tree: CompactTree, name: number, { container }: Entry): boolean {
  const fn = functionAround(tree, name);
  if (tree.kind(name) !== Kind.Identifier || fn === 0) return false;
  return [...executedNodes(tree, bodyOf(tree, fn))].some((node) => {
    const isGiven = tree.kind(node) === Kind.Assignment || tree.kind(node) === Kind.NamedExpression;
    if (!isGiven) return false;
    const target = tree.child(node, tree.kind(node) === Kind.Assignment ? Field.Left : Field.Name);
    const value = tree.child(node, tree.kind(node) === Kind.Assignment ? Field.Right : Field.Value);
    return (
      tree.source(target) === tree.source(name) &&
      value !== 0 &&
      (tree.source(value).startsWith(`${tree.source(container)}[`) ||
        tree.source(value).startsWith(`${tree.source(container)}.get(`))
    );
  });
}

/** `jsonify(error="exists"), 409`: an answer that is made of the key at most, not of what was found. */
function namesNothingBut(tree: CompactTree, value: number, key: number): boolean {
  const known = new Set<string>();
  for (let node = key; node < tree.subtreeEnd(key); node += 1) known.add(tree.source(node));
  for (let node = value; node < tree.subtreeEnd(value); node += 1) {
    if (tree.kind(node) !== Kind.Identifier || known.has(tree.source(node))) continue;
    const isCallee = tree.field(node) === Field.Function;
    const isKeyword =
      tree.kind(tree.parent(node)) === Kind.KeywordArgument && tree.field(node) === Field.Name;
    if (!isCallee && !isKeyword) return false;
  }
  return true;
}

/** Whether the head of a block says that the entry is missing inside. */
function missingIn(tree: CompactTree, block: number, entry: Entry): Missing | undefined {
  const head = tree.parent(block);
  if (head <= 0) return undefined;
  switch (tree.kind(head)) {
    case Kind.IfStatement:
    case Kind.ElifClause:
      return orReported(
        tree,
        told(tree, tree.child(head, Field.Condition), true, entry),
        tree.childrenOf(head, Field.Alternative),
        entry,
      );
    case Kind.ElseClause: {
      const outer = tree.parent(head);
      if (tree.kind(outer) !== Kind.IfStatement) return undefined;
      return orReported(
        tree,
        told(tree, tree.child(outer, Field.Condition), false, entry),
        tree.childrenOf(outer, Field.Consequence),
        entry,
      );
    }
    case Kind.ExceptClause:
      return isKeyError(tree, head) && looksUp(tree, tree.childrenOf(tree.parent(head), Field.Body), entry)
        ? "absent"
        : undefined;
    default:
      return undefined;
  }
}

/** The statement around a block that runs at most once with it; 0 for loops, functions and classes. */
function headOf(tree: CompactTree, block: number): number {
  let head = tree.parent(block);
  while (head > 0 && isClause(tree.kind(head))) head = tree.parent(head);
  const kind = head > 0 ? tree.kind(head) : Kind.Module;
  return kind === Kind.IfStatement || kind === Kind.WithStatement || kind === Kind.TryStatement ? head : 0;
}

function isClause(kind: Kind): boolean {
  return kind === Kind.ElifClause || kind === Kind.ElseClause || kind === Kind.ExceptClause;
}

function isKeyError(tree: CompactTree, clause: number): boolean {
  return tree.kind(clause) === Kind.ExceptClause && /^except\s+KeyError\b/.test(tree.source(clause));
}

function looksUp(tree: CompactTree, statements: readonly number[], { left }: Entry): boolean {
  const text = tree.source(left);
  return [...executedNodes(tree, statements)].some((node) => tree.source(node) === text);
}

/** Whether a condition that holds, or does not, means that the entry is missing. */
function told(tree: CompactTree, condition: number, holds: boolean, entry: Entry): Missing | undefined {
  const node = bare(tree, condition);
  const inner = negated(tree, node);
  if (inner !== 0) return told(tree, inner, !holds, entry);
  if (tree.kind(node) === Kind.BooleanOperator) {
    const [left, right] = [tree.child(node, Field.Left), tree.child(node, Field.Right)];
    const operator = tree.text.slice(tree.end(left), tree.start(right)).trim();
    const sides = [told(tree, left, holds, entry), told(tree, right, holds, entry)];
    // Both sides of an `and` that holds are true, and both of an `or` that does not are false.
    if ((operator === "and") === holds) return sides.find((side) => side !== undefined);
    return sides.every((side) => side !== undefined)
      ? (sides.find((side) => side === "none") ?? "absent")
      : undefined;
  }
  const test = comparison(tree, node);
  if (test === undefined) return undefined;
  const { left, operator, right } = test;
  if (operator === "in" || operator === "not in") {
    const isAsked = same(tree, left, entry.key) && same(tree, right, entry.container);
    return isAsked && (operator === "not in") === holds ? "absent" : undefined;
  }
  if (operator !== "is" && operator !== "is not") return undefined;
  if ((operator === "is") !== holds) return undefined;
  const fallback = fallbackOf(tree, left, entry);
  if (fallback === undefined || fallback !== tree.source(right)) return undefined;
  return fallback === "None" ? "none" : "absent";
}

/** What an expression gives if the entry is missing: that of `d.get(k)`, of a name for it, or of `(x := d.get(k))`. */
function fallbackOf(tree: CompactTree, expression: number, entry: Entry): string | undefined {
  const node = bare(tree, expression);
  if (tree.kind(node) === Kind.NamedExpression) return fallbackOf(tree, tree.child(node, Field.Value), entry);
  if (tree.kind(node) === Kind.Identifier) {
    const value = lastValue(tree, node, entry);
    return value === 0 ? undefined : fallbackOf(tree, value, entry);
  }
  const call = methodCall(tree, node);
  if (call?.name !== "get" || !same(tree, call.receiver, entry.container)) return undefined;
  const [key, fallback, ...more] = call.args;
  if (key === undefined || more.length > 0 || !same(tree, key, entry.key)) return undefined;
  return fallback === undefined ? "None" : tree.source(fallback);
}

/** What a statement further up in these blocks gave a name, if nothing that matters has changed since; else 0. */
function lastValue(tree: CompactTree, name: number, entry: Entry): number {
  const text = tree.source(name);
  for (let at = name; at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition || tree.kind(at) === Kind.Lambda) return 0;
    const siblings =
      tree.kind(tree.parent(at)) === Kind.Block || tree.parent(at) === 0
        ? tree.children(tree.parent(at))
        : [];
    for (const before of siblings.slice(0, siblings.indexOf(at)).reverse()) {
      const assignment = tree.kind(before) === Kind.ExpressionStatement ? tree.firstChild(before) : 0;
      const isIt =
        tree.kind(assignment) === Kind.Assignment && tree.source(tree.child(assignment, Field.Left)) === text;
      if (isIt) return bare(tree, tree.child(assignment, Field.Right));
      if (changes(tree, before, entry) || rebinds(tree, [before], [text])) return 0;
    }
  }
  return 0;
}

/** Whether the statement stores the entry, or gives its container or its key another meaning. */
function changes(tree: CompactTree, statement: number, { container, key, left }: Entry): boolean {
  return rebinds(
    tree,
    [statement],
    [container, key, left].map((node) => tree.source(node)),
  );
}

function same(tree: CompactTree, a: number, b: number): boolean {
  return tree.source(bare(tree, a)) === tree.source(b);
}
