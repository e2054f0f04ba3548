// Names for what the rewrites introduce.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { functionAround } from "../../scopes.ts";

/** The name for something of the module, with a number behind it when the file uses it already, even in a string. */
export function freshName(tree: CompactTree, name: string): string {
  return numbered(name, new Set(tree.text.match(/\w+/g) ?? []));
}

/** The name for a local variable at a node, with a number behind it when its function uses the name already. */
export function freshLocal(tree: CompactTree, name: string, at: number): string {
  const fn = functionAround(tree, at);
  const used = new Set<string>();
  // Outside of functions it is a global's name, which any of them may use.
  for (let node = fn, end = fn === 0 ? tree.count : tree.subtreeEnd(fn); node < end; node += 1) {
    if (tree.kind(node) !== Kind.Identifier) continue;
    const parent = tree.kind(tree.parent(node));
    const isAttribute = parent === Kind.Attribute && tree.field(node) === Field.Attribute;
    const isKeyword = parent === Kind.KeywordArgument && tree.field(node) === Field.Name;
    if (!isAttribute && !isKeyword) used.add(tree.source(node));
  }
  return numbered(name, used);
}

function numbered(name: string, used: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; used.has(candidate); number += 1) candidate = `${name}_${number}`;
  return candidate;
}
