// Objects that are copied because another object refers to them, which a lock in them would not stand.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { Refusal } from "./fix.ts";
import { nameOf } from "./scopes.ts";

/** `member.archive = self` in the class that owns the data, and `deepcopy(self)` in the class of such members. */
export function refuseCopiedAlong(tree: CompactTree, owner: number): void {
  const reference = referenceTo(tree, owner);
  if (reference === undefined) return;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.source(tree.child(node, Field.Function));
    const copied = tree.childrenOf(node, Field.Arguments)[0];
    const cls = classAround(tree, node);
    const isItself = copied !== undefined && tree.source(copied) === "self";
    if (!/^(copy\.)?deepcopy$/.test(callee) || !isItself || cls <= 0) continue;
    throw new Refusal(
      `\`${nameOf(tree, cls)}\` copies itself with all that it refers to, and \`${reference}\` may refer to such an object; a lock cannot be copied.`,
    );
  }
}

/** Where a method of the class hands the object itself to another one: `member.archive`. */
function referenceTo(tree: CompactTree, owner: number): string | undefined {
  for (let node = owner; node < tree.subtreeEnd(owner); node += 1) {
    if (tree.kind(node) !== Kind.Assignment || tree.source(tree.child(node, Field.Right)) !== "self")
      continue;
    const left = tree.child(node, Field.Left);
    if (tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Object)) !== "self") {
      return tree.source(left);
    }
  }
  return undefined;
}

function classAround(tree: CompactTree, node: number): number {
  let at = tree.parent(node);
  while (at > 0 && tree.kind(at) !== Kind.ClassDefinition) at = tree.parent(at);
  return at;
}
