// What else happens where an entry is missing: changes that belong to the first store, and that a second thread must not
// make again.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { binds, bodyOf, executedNodes, functionAround, isTarget } from "../../scopes.ts";

/** Calls that leave nothing behind but lines. */
const telling = /^(print|(self\.)?_?(log|logger|logging|LOG|LOGGER)\.\w+|warnings\.warn)$/;

/**
 * Whether the code that runs where an entry is missing changes more than the entry: other shared data before or after it,
 * or, once it is stored, the value itself.
 * @param store the statement that stores the entry
 * @param block the block in which the entry is known to be missing
 * @param value the name of what is stored, if it has one
 */
export function hasCompanions(
  tree: CompactTree,
  store: number,
  block: number,
  value: string | undefined,
): boolean {
  const fn = functionAround(tree, store);
  const body = fn === 0 ? tree.children(0) : bodyOf(tree, fn);
  const isOwn = (node: number) => {
    const root = /^\w+/.exec(tree.source(node))?.[0] ?? "";
    const isAfter = tree.start(node) > tree.start(store);
    return fn !== 0 && binds(tree, body, root) && !(isAfter && root === value);
  };
  for (const node of executedNodes(tree, partsOf(tree, store, block))) {
    const kind = tree.kind(node);
    const isPart = kind === Kind.Attribute || kind === Kind.Subscript;
    if (isPart && isTarget(tree, node) && !isOwn(node)) return true;
    if (kind !== Kind.Call || tree.kind(tree.parent(node)) !== Kind.ExpressionStatement) continue;
    const callee = tree.child(node, Field.Function);
    if (tree.start(node) < tree.start(store) && tree.kind(callee) !== Kind.Attribute) continue;
    if (telling.test(tree.source(callee)) || isOwn(callee)) continue;
    if (tree.start(node) > tree.start(store) || isChange(tree, callee)) return true;
  }
  return false;
}

/** The statements of the block, and of those in it on the way to the store, but the store and what leads to it. */
function partsOf(tree: CompactTree, store: number, block: number): number[] {
  const parts: number[] = [];
  for (let at = store; at > 0; at = tree.parent(at)) {
    const isBody = tree.kind(tree.parent(at)) === Kind.Block || tree.kind(tree.parent(at)) === Kind.Module;
    if (isBody) parts.push(...tree.children(tree.parent(at)).filter((one) => one !== at));
    if (tree.parent(at) === block) break;
  }
  return parts;
}

function isChange(tree: CompactTree, callee: number): boolean {
  return /^(append|add|extend|update|insert|pop|remove|discard|clear|put|push|setdefault)$/.test(
    tree.source(tree.child(callee, Field.Attribute)),
  );
}
