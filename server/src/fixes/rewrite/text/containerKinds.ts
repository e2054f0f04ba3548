// What kind of built-in container or queue a name holds, by all the assignments to it in its file.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import { literalKind } from "../../../facts/literals.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { lastName } from "../../scopes.ts";

export type ContainerKind = "dict" | "set" | "list" | "deque" | "queue" | "number";

const made: Readonly<Record<string, ContainerKind>> = {
  dict: "dict",
  set: "set",
  list: "list",
  deque: "deque",
  Queue: "queue",
  LifoQueue: "queue",
  PriorityQueue: "queue",
  SimpleQueue: "queue",
};

/**
 * The kind that every assignment to the name agrees on; undefined where there is none, or where one of them gives
 * it something else. Subclasses and look-alikes (`defaultdict`, `Counter`) are not the built-in kinds.
 * @param expression source text of how the code names it: `CACHE`, `self._items`
 */
export function kindOf(tree: CompactTree, expression: string): ContainerKind | undefined {
  const name = lastName(expression);
  if (!/^\w+$/.test(name)) return undefined;
  // That of an object; a class has a proxy, to which nobody can store.
  if (expression.endsWith(".__dict__")) return "dict";
  let found: ContainerKind | undefined;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const left = tree.child(node, Field.Left);
    const isPart = tree.kind(left) === Kind.PatternList || tree.kind(left) === Kind.TuplePattern;
    if (isPart && tree.children(left).some((part) => lastName(tree.source(part)) === name)) return undefined;
    if (lastName(tree.source(left)) !== name || tree.kind(left) === Kind.Subscript) continue;
    const right = tree.child(node, Field.Right);
    if (right === 0) continue;
    const kind = kindOfValue(tree, right);
    if (kind === undefined || (found !== undefined && found !== kind)) return undefined;
    found = kind;
  }
  return found;
}

function kindOfValue(tree: CompactTree, value: number): ContainerKind | undefined {
  const literal = literalKind(tree, value);
  switch (literal) {
    case "list":
    case "dict":
    case "set":
      return literal;
    case "int":
    case "number":
      return "number";
  }
  if (tree.kind(value) !== Kind.Call) return undefined;
  const callee = tree.source(tree.child(value, Field.Function));
  if (/\b(asyncio|multiprocessing|mp)\./.test(callee)) return undefined;
  return Object.hasOwn(made, lastName(callee)) ? made[lastName(callee)] : undefined;
}
