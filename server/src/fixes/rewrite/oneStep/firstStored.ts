// `setdefault`: one step decides which value a key gets, and everybody receives that one.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { binds, bodyOf, executedNodes, functionAround } from "../../scopes.ts";
import { callOf } from "../caches/forwarding.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { comparison, isCheapValue, isPlain, rebinds } from "../text/expressions.ts";
import { losesComment } from "../text/layout.ts";
import { hasCompanions } from "./companions.ts";
import { missingAt } from "./missingKey.ts";
import { storedNone } from "./storedNone.ts";
import { oneLine } from "./tryInstead.ts";

export interface Store {
  readonly statement: number;
  readonly left: number;
  readonly container: number;
  readonly key: number;
  readonly value: number;
  /** Names that get the value too, in the order of the text: `found = d[k] = v`. */
  readonly names: readonly string[];
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
  const { targets, value } = assigned(tree, statement);
  const subscripts = targets.filter((target) => tree.kind(target) === Kind.Subscript);
  const others = targets.filter((target) => tree.kind(target) === Kind.Identifier);
  const [left] = subscripts;
  if (left === undefined || subscripts.length !== 1 || others.length !== targets.length - 1) return undefined;
  if (value === 0 || !isArgument(tree.kind(value))) return undefined;
  const container = tree.child(left, Field.Value);
  const keys = tree.children(left).filter((c) => tree.field(c) === Field.Subscript);
  const [key] = keys;
  if (key === undefined || keys.length !== 1 || tree.kind(key) === Kind.Slice) return undefined;
  if (!isPlain(tree, container) || !isPlain(tree, key)) return undefined;
  if (kindOf(tree, tree.source(container)) !== "dict") return undefined;
  return { statement, left, container, key, value, names: others.map((name) => tree.source(name)) };
}

/** What a statement gives a value to, and that value; 0 for statements that are no assignments. */
function assigned(tree: CompactTree, statement: number): { targets: number[]; value: number } {
  const targets: number[] = [];
  let at = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
  while (tree.kind(at) === Kind.Assignment) {
    if (tree.child(at, Field.Type) !== 0) return { targets: [], value: 0 };
    targets.push(tree.child(at, Field.Left));
    at = tree.child(at, Field.Right);
  }
  return { targets, value: at };
}

/** Not `d[k] = 1, 2` and the like, which mean something else between parentheses. */
function isArgument(kind: Kind): boolean {
  return (
    kind !== Kind.AugmentedAssignment &&
    kind !== Kind.ExpressionList &&
    kind !== Kind.Yield &&
    kind !== Kind.Await &&
    kind !== Kind.GeneratorExpression
  );
}

/** `if k not in d: d[k] = []` is `d.setdefault(k, [])` where the default costs nothing. */
function cheapDefault(place: Place, { statement, container, key, value, names }: Store): TextFix | undefined {
  const { tree, source } = place;
  if (names.length > 0) return undefined;
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
function keepFirst(place: Place, store: Store): TextFix | undefined {
  const { tree, source } = place;
  const { statement, left, container, key, value, names } = store;
  const found = missingAt(tree, statement, store);
  // What is there already would be kept, where it is to be replaced.
  if (found === undefined) return undefined;
  const { how: missing, block } = found;
  const call = `${tree.source(container)}.setdefault(${tree.source(key)}, ${tree.source(value)})`;
  const isName = tree.kind(value) === Kind.Identifier;
  const following = restOf(place, statement);
  const usesName = isName && names.length === 0 && mentionsAfter(place, following, tree.source(value));
  // A value made in the statement itself reaches the others only by another look into the container.
  const isShared =
    usesName || names.length > 0 || !isName || mentionsAfter(place, following, tree.source(left));
  if (!isShared || (!isName && usesParts(place, store, following))) return undefined;
  if (rebinds(tree, following, [tree.source(left)])) return undefined;
  // A number for each entry, or more that is done for the first one: that takes a lock.
  if (mentionsAfter(place, [value], tree.source(container))) return undefined;
  if (hasCompanions(tree, statement, block, isName ? tree.source(value) : names[0])) return undefined;
  // Written over several lines, it would be laid out anew.
  if (call.includes("\n")) return undefined;
  const title = `Keep the value stored first: \`${oneLine(call)}\``;
  if (missing === "reported") {
    return place.refused(
      title,
      "Callers are told here of a key that is there already; that would be hidden.",
    );
  }
  if (missing === "added") {
    return place.refused(
      title,
      "Further values are added to what is there already; this one would be dropped.",
    );
  }
  const none = missing === "none" ? storedNone(tree, tree.source(container)) : "never";
  if (none === "stored") {
    return place.refused(
      title,
      "None is stored there too, and would be kept; here it means that nothing is there.",
    );
  }
  const cost = none === "unknown" ? "; a None that is stored would be kept" : "";
  const targets = usesName ? [tree.source(value)] : names;
  const start = tree.start(statement);
  const head =
    source.text.slice(source.lineStart(start), start) + targets.map((target) => `${target} = `).join("");
  const unit = source.unitOf(tree.parent(statement)) ?? source.unit;
  const args = [tree.source(key), tree.source(value)];
  const text = callOf(head, `${tree.source(container)}.setdefault`, args, unit, source.eol);
  const fix = place.fix(
    `${title} (two threads may both make one, all use the same${cost})`,
    [source.replace(source.lineStart(start), tree.end(statement), text)],
    false,
  );
  // Whether a value made in vain does harm, only a person knows.
  return { ...fix, isPreferred: false };
}

/** Whether what the value was made of goes on to be used, though another value may be the one that is kept. */
function usesParts({ tree }: Place, { statement, key, value }: Store, following: readonly number[]): boolean {
  const fn = functionAround(tree, statement);
  const body = fn === 0 ? tree.children(0) : bodyOf(tree, fn);
  const isKey = new Set(namesIn(tree, [key]));
  const later = new Set(namesIn(tree, following));
  return namesIn(tree, [value]).some(
    (name) => !isKey.has(name) && later.has(name) && binds(tree, body, name),
  );
}

function namesIn(tree: CompactTree, roots: readonly number[]): string[] {
  return [...executedNodes(tree, roots)]
    .filter((node) => tree.kind(node) === Kind.Identifier)
    .map((node) => tree.source(node));
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

/** Functions that are defined there included. */
function mentionsAfter({ tree }: Place, statements: readonly number[], source: string): boolean {
  return statements.some((statement) => {
    for (let node = statement; node < tree.subtreeEnd(statement); node += 1) {
      if (tree.source(node) === source) return true;
    }
    return false;
  });
}
