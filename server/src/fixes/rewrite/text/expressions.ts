// What evaluating an expression can do, and whether two expressions mean the same.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { executedNodes, isTarget } from "../../scopes.ts";

const inert = new Set<Kind>([
  Kind.Identifier,
  Kind.Attribute,
  Kind.Integer,
  Kind.Float,
  Kind.True,
  Kind.False,
  Kind.None,
  Kind.String,
  Kind.StringStart,
  Kind.StringContent,
  Kind.StringEnd,
  Kind.EscapeSequence,
  Kind.Tuple,
  Kind.ParenthesizedExpression,
]);

/** Reading it again gives the same and does nothing else: names, attributes, constants and tuples of them. */
export function isPlain(tree: CompactTree, expression: number): boolean {
  const end = tree.subtreeEnd(expression);
  for (let node = expression; node < end; node += 1) if (!inert.has(tree.kind(node))) return false;
  return true;
}

/** Literals, and containers that are made empty or of literals: making one in vain costs nothing. */
export function isCheapValue(tree: CompactTree, expression: number): boolean {
  switch (tree.kind(expression)) {
    case Kind.List:
    case Kind.Set:
    case Kind.Dictionary:
    case Kind.Tuple:
    case Kind.Pair:
    case Kind.UnaryOperator:
      return tree.children(expression).every((child) => isCheapValue(tree, child));
    case Kind.Call:
      return /^(list|dict|set|tuple|deque|collections\.deque|Counter|collections\.Counter)\(\)$/.test(
        tree.source(expression),
      );
    case Kind.String:
      return tree.children(expression).every((child) => tree.kind(child) !== Kind.Interpolation);
    default:
      return isConstant(tree, expression);
  }
}

export function isConstant(tree: CompactTree, expression: number): boolean {
  const kind = tree.kind(expression);
  return (
    kind === Kind.Integer ||
    kind === Kind.Float ||
    kind === Kind.True ||
    kind === Kind.False ||
    kind === Kind.None ||
    (kind === Kind.String && tree.children(expression).every((c) => tree.kind(c) !== Kind.Interpolation))
  );
}

/** Without parentheses around it. */
export function bare(tree: CompactTree, expression: number): number {
  let at = expression;
  while (tree.kind(at) === Kind.ParenthesizedExpression) at = tree.firstChild(at);
  return at;
}

/** The operand of `not x`, or 0. */
export function negated(tree: CompactTree, expression: number): number {
  const node = bare(tree, expression);
  return tree.kind(node) === Kind.NotOperator ? bare(tree, tree.child(node, Field.Argument)) : 0;
}

/** The operands and the operator of a comparison with two operands. */
export function comparison(
  tree: CompactTree,
  expression: number,
): { left: number; operator: string; right: number } | undefined {
  const node = bare(tree, expression);
  if (tree.kind(node) !== Kind.ComparisonOperator) return undefined;
  const [left, right, ...more] = tree.children(node);
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const operator = tree.text.slice(tree.end(left), tree.start(right)).trim().replace(/\s+/g, " ");
  return { left, operator, right };
}

/** A call of a method: `receiver.name(arguments)`. */
export function methodCall(
  tree: CompactTree,
  node: number,
): { receiver: number; name: string; args: number[] } | undefined {
  if (tree.kind(node) !== Kind.Call) return undefined;
  const callee = tree.child(node, Field.Function);
  const isList = tree.kind(tree.child(node, Field.Arguments)) === Kind.ArgumentList;
  if (tree.kind(callee) !== Kind.Attribute || !isList) return undefined;
  return {
    receiver: tree.child(callee, Field.Object),
    name: tree.source(tree.child(callee, Field.Attribute)),
    args: tree.childrenOf(node, Field.Arguments),
  };
}

const handsOver = new Set<Kind>([Kind.Call, Kind.Await, Kind.Yield, Kind.WithStatement]);

/** Whether other code runs between two offsets of these statements: a call, an `await` or a `yield` that ends there. */
export function callsBetween(
  tree: CompactTree,
  roots: readonly number[],
  start: number,
  end: number,
): boolean {
  for (const node of executedNodes(tree, roots)) {
    if (handsOver.has(tree.kind(node)) && tree.end(node) > start && tree.end(node) <= end) return true;
  }
  return false;
}

/** Whether these statements store to, or delete, one of the expressions, or rebind a name in them. */
export function rebinds(
  tree: CompactTree,
  roots: readonly number[],
  expressions: readonly string[],
): boolean {
  const words = new Set(expressions.flatMap((e) => e.match(/[A-Za-z_]\w*/g) ?? []));
  for (const node of executedNodes(tree, roots)) {
    if (!isTarget(tree, node)) continue;
    const source = tree.source(node);
    if (words.has(source) || expressions.includes(source)) return true;
  }
  return false;
}

const withoutEffects = new Set<Kind>([
  ...inert,
  Kind.NotOperator,
  Kind.BooleanOperator,
  Kind.ComparisonOperator,
  Kind.BinaryOperator,
  Kind.UnaryOperator,
  Kind.Subscript,
  Kind.ArgumentList,
]);

/** A test that may be made twice: names, attributes, elements and operators, and calls of `len` and of questions. */
export function isFreeOfEffects(tree: CompactTree, expression: number): boolean {
  const end = tree.subtreeEnd(expression);
  for (let node = expression; node < end; node += 1) {
    if (tree.kind(node) === Kind.Call) {
      if (!/(^|\.)(len|empty|full|qsize|is_set|locked)$/.test(tree.source(tree.child(node, Field.Function))))
        return false;
    } else if (!withoutEffects.has(tree.kind(node))) return false;
  }
  return true;
}

/** A string that is this name and nothing else: `__all__`, `getattr`, `globals()["name"]`. */
function isStringOf(tree: CompactTree, node: number, name: string): boolean {
  if (tree.kind(node) !== Kind.String) return false;
  return /^\w*("""|'''|"|')(.*)\1$/s.exec(tree.source(node))?.[2] === name;
}

/**
 * Every mention of a name in the file, as the whole expression that ends with it: `jobs`, `self.jobs`. Undefined when a
 * string is that name, by which it may be reached in ways that are not seen.
 */
export function mentionsOf(tree: CompactTree, name: string): number[] | undefined {
  const found: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (isStringOf(tree, node, name)) return undefined;
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== name) continue;
    const parent = tree.parent(node);
    const isAttribute = tree.kind(parent) === Kind.Attribute && tree.field(node) === Field.Attribute;
    found.push(isAttribute ? parent : node);
  }
  return found;
}

/** Whether a mention is of a variable: not the `name` of `x.name` and `f(name=…)`. */
export function isVariable(tree: CompactTree, node: number): boolean {
  if (tree.kind(node) !== Kind.Identifier) return false;
  const parent = tree.kind(tree.parent(node));
  if (parent === Kind.Attribute) return tree.field(node) === Field.Object;
  return !(parent === Kind.KeywordArgument && tree.field(node) === Field.Name);
}
