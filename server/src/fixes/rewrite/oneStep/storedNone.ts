// Whether None may be stored in a container, where the code takes None for "not there".
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { bodyOf, executedNodes, functionAround, lastName, nameOf } from "../../scopes.ts";
import { leaves } from "./tryInstead.ts";

/** What the file shows of it: stored in so many words, never stored, or not known. */
export type StoredNone = "stored" | "never" | "unknown";

/** @param container source text of how the code names it: `CACHE`, `self._items` */
export function storedNone(tree: CompactTree, container: string): StoredNone {
  const name = lastName(container);
  let answer: StoredNone = "never";
  for (let node = 1; node < tree.count; node += 1) {
    const value = storedAt(tree, node, name);
    if (value === undefined) continue;
    if (value !== 0 && tree.kind(value) === Kind.None) return "stored";
    if (value === 0 || !isSomething(tree, value, 0)) answer = "unknown";
  }
  return answer;
}

/** The value that a node stores into a container of this name, 0 where that is not to be seen. */
function storedAt(tree: CompactTree, node: number, name: string): number | undefined {
  const kind = tree.kind(node);
  if (kind === Kind.Pair)
    return isGivenTo(tree, tree.parent(node), name) ? tree.child(node, Field.Value) : undefined;
  if (kind === Kind.Subscript && lastName(tree.source(tree.child(node, Field.Value))) === name) {
    let at = tree.parent(node);
    if (tree.kind(at) !== Kind.Assignment || tree.field(node) !== Field.Left) return undefined;
    while (tree.kind(tree.child(at, Field.Right)) === Kind.Assignment) at = tree.child(at, Field.Right);
    return tree.child(at, Field.Right);
  }
  if (kind !== Kind.Call) return undefined;
  const callee = tree.child(node, Field.Function);
  if (tree.kind(callee) !== Kind.Attribute) return undefined;
  // Without a second argument, `fromkeys` stores None.
  if (/\bdict\.fromkeys$/.test(tree.source(callee)) && isGivenTo(tree, node, name))
    return tree.childrenOf(node, Field.Arguments)[1] ?? 0;
  if (lastName(tree.source(tree.child(callee, Field.Object))) !== name) return undefined;
  const method = tree.source(tree.child(callee, Field.Attribute));
  if (method === "update") return 0;
  return method === "setdefault" ? (tree.childrenOf(node, Field.Arguments)[1] ?? 0) : undefined;
}

/** Whether the value is assigned to a name or attribute of this name. */
function isGivenTo(tree: CompactTree, value: number, name: string): boolean {
  const target = tree.parent(value);
  return (
    tree.kind(target) === Kind.Assignment && lastName(tree.source(tree.child(target, Field.Left))) === name
  );
}

const displays = new Set<Kind>([
  Kind.String,
  Kind.ConcatenatedString,
  Kind.Integer,
  Kind.Float,
  Kind.True,
  Kind.False,
  Kind.List,
  Kind.Tuple,
  Kind.Dictionary,
  Kind.Set,
  Kind.ListComprehension,
  Kind.DictionaryComprehension,
  Kind.SetComprehension,
  Kind.GeneratorExpression,
  Kind.Lambda,
  Kind.ComparisonOperator,
  Kind.NotOperator,
]);

const makers =
  /^(open|dict|list|set|tuple|str|int|float|bool|bytes|frozenset|sorted|object|len|sum|re\.compile|threading\.\w*Lock|_?[A-Z]\w*[a-z]\w*|[\w.]+\.[A-Z]\w*[a-z]\w*)$/;

/** Whether an expression gives anything but None, for certain. */
function isSomething(tree: CompactTree, value: number, depth: number): boolean {
  const kind = tree.kind(value);
  if (displays.has(kind)) return true;
  if (depth > 3) return false;
  if (kind === Kind.Identifier) {
    const values = valuesOf(tree, value);
    return values.length > 0 && values.every((one) => one !== 0 && isSomething(tree, one, depth + 1));
  }
  if (kind !== Kind.Call) return false;
  const callee = tree.source(tree.child(value, Field.Function));
  if (makers.test(callee)) return true;
  const made = functionsNamed(tree, lastName(callee));
  return made.length > 0 && made.every((fn) => returnsSomething(tree, fn, depth));
}

/** All that the function gives a local name; 0 for what is not a plain assignment. */
function valuesOf(tree: CompactTree, name: number): number[] {
  const fn = functionAround(tree, name);
  if (fn === 0 || tree.kind(fn) !== Kind.FunctionDefinition) return [0];
  const values: number[] = [];
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== tree.source(name)) continue;
    const parent = tree.parent(node);
    const kind = tree.kind(parent);
    if (kind === Kind.Assignment && tree.field(node) === Field.Left) {
      values.push(tree.child(parent, Field.Right));
    } else if (kind === Kind.NamedExpression && tree.field(node) === Field.Name) {
      values.push(tree.child(parent, Field.Value));
    } else if (tree.field(node) === Field.Left) values.push(0);
  }
  // The lookup that found nothing is not what is stored.
  return values.filter((value) => !/\.get\(/.test(tree.source(value)) || value === 0);
}

function functionsNamed(tree: CompactTree, name: string): number[] {
  const found: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.FunctionDefinition && nameOf(tree, node) === name) found.push(node);
  }
  return found;
}

/** The function does not come to its end, and no `return` gives None or what is not known. */
function returnsSomething(tree: CompactTree, fn: number, depth: number): boolean {
  const body = bodyOf(tree, fn);
  if (!leaves(tree, body) || /^async\b/.test(tree.source(fn))) return false;
  return [...executedNodes(tree, body)]
    .filter((node) => tree.kind(node) === Kind.ReturnStatement)
    .every((node) => tree.firstChild(node) !== 0 && isSomething(tree, tree.firstChild(node), depth + 1));
}
