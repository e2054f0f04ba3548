// `setdefault`: one step decides which value a key gets, and everybody receives that one.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { TextFix } from "../fix.ts";
import { executedNodes } from "../scopes.ts";
import { comparison, isCheapValue, isPlain, rebinds } from "./expressions.ts";
import { kindOf } from "./kinds.ts";
import { losesComment } from "./layout.ts";
import type { Place } from "./place.ts";
import { oneLine } from "./tryInstead.ts";

export interface Store {
  readonly statement: number;
  readonly left: number;
  readonly container: number;
  readonly key: number;
  readonly value: number;
}

/** For values that are complete when they are stored. */
export function firstStored(place: Place): TextFix | undefined {
  const store = storeAt(place);
  return store && (cheapDefault(place, store) ?? keepFirst(place, store));
}

/** For values that are filled afterwards, by whoever comes first and whoever comes next alike. */
export function emptyStoredOnce(place: Place): TextFix | undefined {
  const store = storeAt(place);
  return store && cheapDefault(place, store);
}

/** `d[k] = v` with a built-in dict and a key that can be written twice. */
export function storeAt(place: Place): Store | undefined {
  const { tree } = place;
  const statement = place.statementOf(place.node);
  const assignment = tree.firstChild(statement);
  if (tree.kind(statement) !== Kind.ExpressionStatement || tree.kind(assignment) !== Kind.Assignment)
    return undefined;
  const left = tree.child(assignment, Field.Left);
  const value = tree.child(assignment, Field.Right);
  if (tree.kind(left) !== Kind.Subscript || value === 0 || tree.child(assignment, Field.Type) !== 0)
    return undefined;
  if (!isArgument(tree.kind(value))) return undefined;
  const container = tree.child(left, Field.Value);
  const keys = tree.children(left).filter((c) => tree.field(c) === Field.Subscript);
  const [key] = keys;
  if (key === undefined || keys.length !== 1 || tree.kind(key) === Kind.Slice) return undefined;
  if (!isPlain(tree, container) || !isPlain(tree, key)) return undefined;
  if (kindOf(tree, tree.source(container)) !== "dict") return undefined;
  return { statement, left, container, key, value };
}

/** Not `d[k] = a = v`, `d[k] = 1, 2` and the like, which mean something else between parentheses. */
function isArgument(kind: Kind): boolean {
  return (
    kind !== Kind.Assignment &&
    kind !== Kind.AugmentedAssignment &&
    kind !== Kind.ExpressionList &&
    kind !== Kind.Yield &&
    kind !== Kind.Await &&
    kind !== Kind.GeneratorExpression
  );
}

/** `if k not in d: d[k] = []` is `d.setdefault(k, [])` where the default costs nothing. */
function cheapDefault(place: Place, { statement, container, key, value }: Store): TextFix | undefined {
  const { tree, source } = place;
  const head = tree.parent(tree.parent(statement));
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement || !isCheapValue(tree, value)) return undefined;
  if (tree.children(tree.parent(statement)).length !== 1 || tree.child(head, Field.Alternative) !== 0)
    return undefined;
  if (tree.field(tree.parent(statement)) !== Field.Consequence || !place.ownsLines(head)) return undefined;
  const test = comparison(tree, tree.child(head, Field.Condition));
  const isTested =
    test?.operator === "not in" &&
    tree.source(test.left) === tree.source(key) &&
    tree.source(test.right) === tree.source(container);
  if (!isTested || losesComment(source, tree.start(head), tree.end(statement), [])) return undefined;
  const call = `${tree.source(container)}.setdefault(${tree.source(key)}, ${tree.source(value)})`;
  const edit = source.replace(tree.start(head), tree.end(statement), call);
  return place.fix(`Store in one step: \`${oneLine(call)}\``, [edit], true);
}

/**
 * The value was made after a failed lookup; `setdefault` keeps the first one stored, and what follows uses that one.
 */
function keepFirst(place: Place, { statement, left, container, key, value }: Store): TextFix | undefined {
  const { tree, source } = place;
  const call = `${tree.source(container)}.setdefault(${tree.source(key)}, ${tree.source(value)})`;
  const isName = tree.kind(value) === Kind.Identifier;
  const following = restOf(place, statement);
  const usesName = isName && mentionsAfter(place, following, tree.source(value));
  // A value made in the statement itself reaches the others only by another look into the container.
  if (isName && !usesName && !mentionsAfter(place, following, tree.source(left))) return undefined;
  if (rebinds(tree, following, [tree.source(left)])) return undefined;
  // Written over several lines, it would be laid out anew.
  if (call.includes("\n")) return undefined;
  const text = usesName ? `${tree.source(value)} = ${call}` : call;
  const fix = place.fix(
    `Keep the value stored first: \`${oneLine(call)}\` (two threads may both make one, all use the same)`,
    [source.replace(tree.start(statement), tree.end(statement), text)],
    false,
  );
  // Whether a value made in vain does harm, only a person knows.
  return { ...fix, isPreferred: false };
}

/** What runs after the statement in its function, as far as it stands in the same and the surrounding blocks. */
function restOf(place: Place, statement: number): number[] {
  const { tree } = place;
  const rest: number[] = [];
  for (let at = statement; at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition) break;
    for (let next = tree.next(at); next !== 0; next = tree.next(next)) {
      if (tree.field(next) === 0 || tree.kind(next) === Kind.ReturnStatement) rest.push(next);
    }
  }
  return rest;
}

function mentionsAfter({ tree }: Place, statements: readonly number[], source: string): boolean {
  return [...executedNodes(tree, statements)].some((node) => tree.source(node) === source);
}
