// The default of a context variable, which is one object for all threads: what nobody can change, everybody can share.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { bodyOf, executedNodes, functionAround, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { methodCall } from "../text/expressions.ts";

/** What an immutable object can do as well as the list or set that it stands for. */
interface Reads {
  readonly methods: RegExp;
  readonly operators: RegExp;
}

const ofTuples: Reads = { methods: /^(index|count)$/, operators: /^$/ };
const ofFrozenSets: Reads = {
  methods: /^(union|difference|intersection|symmetric_difference|issubset|issuperset|isdisjoint|copy)$/,
  operators: /^[|&^-]$/,
};
const readers = /^(len|list|tuple|set|frozenset|sorted|sum|min|max|any|all|enumerate|reversed|iter|bool)$/;

/** `ContextVar(default=[])` gets `()`, where all code that asks for the value only reads it. */
export function immutableDefault(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.kind(place.node) === Kind.Call ? place.node : tree.parent(place.node);
  const argument = tree
    .childrenOf(call, Field.Arguments)
    .find(
      (a) => tree.kind(a) === Kind.KeywordArgument && tree.source(tree.child(a, Field.Name)) === "default",
    );
  if (argument === undefined) return undefined;
  const value = tree.child(argument, Field.Value);
  const text = tree.source(value);
  const better = /^(\[\]|list\(\))$/.test(text) ? "()" : text === "set()" ? "frozenset()" : undefined;
  if (better === undefined) return undefined;
  const title = `Share nothing that can change: \`default=${better}\``;
  const target = tree.parent(call);
  const name =
    tree.kind(target) === Kind.Assignment ? lastName(tree.source(tree.child(target, Field.Left))) : "";
  const got = name === "" ? [] : valuesOf(tree, name);
  if (got.length === 0)
    return place.refused(title, "What its users do with the value is not to be seen here.");
  const reads = better === "()" ? ofTuples : ofFrozenSets;
  if (!got.every((one) => isOnlyRead(tree, one, reads))) {
    const made = madeInContext(place, name, argument, got);
    if (made !== undefined) return made;
    return place.refused(
      title,
      "The value may be changed in place, or used as only what it is now can be; store a new one with `set()` there first.",
    );
  }
  return place.fix(title, [source.replace(tree.start(value), tree.end(value), better)], false);
}

/** More places than this want a function that asks for the value and makes it. */
const mostPlaces = 2;

/**
 * A private variable without default, which each context that asks gives a new value: `try: now = var.get()`, and on
 * `LookupError` `var.set(now)`.
 */
function madeInContext(
  place: Place,
  name: string,
  argument: number,
  got: readonly number[],
): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.parent(tree.parent(argument));
  const siblings = tree.children(tree.parent(argument));
  const before = siblings[siblings.indexOf(argument) - 1];
  // Other files may ask for what is public.
  if (
    !name.startsWith("_") ||
    before === undefined ||
    tree.source(call).includes("\n") ||
    got.length > mostPlaces
  )
    return undefined;
  const made = tree.source(tree.child(argument, Field.Value));
  const edits: TextEdit[] = [source.replace(tree.end(before), tree.end(argument), "")];
  for (const one of got) {
    const assignment = tree.parent(one);
    const statement = tree.parent(assignment);
    const target = tree.child(assignment, Field.Left);
    const asked = methodCall(tree, one);
    const isPlain =
      tree.source(asked?.receiver ?? 0) === name &&
      asked?.args.length === 0 &&
      tree.kind(assignment) === Kind.Assignment &&
      tree.child(assignment, Field.Type) === 0 &&
      tree.kind(statement) === Kind.ExpressionStatement &&
      tree.kind(target) === Kind.Identifier;
    if (!isPlain || functionAround(tree, one) === 0 || !place.ownsLines(statement)) return undefined;
    const indent = source.indentAt(tree.start(statement));
    const local = tree.source(target);
    const lines = [
      "try:",
      `${source.unit}${local} = ${tree.source(one)}`,
      "except LookupError:",
      `${source.unit}${local} = ${made}`,
      `${source.unit}${name}.set(${local})`,
    ];
    edits.push(source.replace(tree.start(statement), tree.end(statement), lines.join(source.eol + indent)));
  }
  return place.fix(
    `Make it where it is asked for: \`${name}.set(${made})\` on \`LookupError\`, without \`default\` (each context has its own)`,
    edits,
    false,
  );
}

/** The calls that ask for the value of a variable of this name. */
function valuesOf(tree: CompactTree, name: string): number[] {
  const calls: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    const call = methodCall(tree, node);
    if (call?.name === "get" && lastName(tree.source(call.receiver)) === name) calls.push(node);
  }
  return calls;
}

/** Whether what is done with the value of an expression suits an immutable object as well. */
function isOnlyRead(tree: CompactTree, node: number, reads: Reads): boolean {
  const parent = tree.parent(node);
  switch (tree.kind(parent)) {
    case Kind.ParenthesizedExpression:
      return isOnlyRead(tree, parent, reads);
    case Kind.ForStatement:
    case Kind.ForInClause:
      return tree.field(node) === Field.Right;
    case Kind.ListSplat:
    case Kind.NotOperator:
      return true;
    case Kind.ComparisonOperator: {
      // A tuple never equals a list.
      const operators = tree
        .children(parent)
        .slice(1)
        .map((operand, i) =>
          tree.text.slice(tree.end(tree.children(parent)[i]!), tree.start(operand)).trim(),
        );
      return operators.every((operator) => /^(not )?in$/.test(operator));
    }
    case Kind.IfStatement:
    case Kind.ElifClause:
    case Kind.WhileStatement:
      return tree.field(node) === Field.Condition;
    case Kind.BinaryOperator: {
      const [left, right] = tree.children(parent);
      return reads.operators.test(tree.text.slice(tree.end(left!), tree.start(right!)).trim());
    }
    case Kind.Subscript:
      return tree.field(parent) !== Field.Left && tree.kind(tree.parent(parent)) !== Kind.DeleteStatement;
    case Kind.Attribute:
      return (
        tree.kind(tree.parent(parent)) === Kind.Call &&
        reads.methods.test(tree.source(tree.child(parent, Field.Attribute)))
      );
    case Kind.ArgumentList:
      return readers.test(tree.source(tree.child(tree.parent(parent), Field.Function)));
    case Kind.Assignment:
    case Kind.NamedExpression:
      return isNameOnlyRead(tree, parent, reads);
    case Kind.ExpressionStatement:
      return true;
    default:
      return false;
  }
}

/** The same for a local name that is given the value. */
function isNameOnlyRead(tree: CompactTree, assignment: number, reads: Reads): boolean {
  const target = tree.child(assignment, Field.Left) || tree.child(assignment, Field.Name);
  const fn = functionAround(tree, assignment);
  if (tree.kind(target) !== Kind.Identifier || fn === 0 || tree.kind(fn) !== Kind.FunctionDefinition)
    return false;
  const name = tree.source(target);
  const isBound = (node: number) =>
    tree.field(node) === Field.Left && tree.kind(tree.parent(node)) === Kind.Assignment;
  const isSelf = tree.kind(assignment) === Kind.NamedExpression;
  if (isSelf && !isOnlyRead(tree, assignment, reads)) return false;
  return [...executedNodes(tree, bodyOf(tree, fn))]
    .filter((node) => tree.kind(node) === Kind.Identifier && tree.source(node) === name)
    .every((node) => node === target || isBound(node) || isOnlyRead(tree, node, reads));
}
