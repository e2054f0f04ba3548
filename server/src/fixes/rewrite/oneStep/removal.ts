// What was looked up is removed further down: once the test is gone, the key may be gone by then as well, and two
// threads may have looked up the same value.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { executedNodes, isTarget } from "../../scopes.ts";
import { methodCall } from "../text/expressions.ts";
import type { Replacement } from "../text/layout.ts";

/** How an entry, once looked up, is removed. */
export interface Removal {
  isAt(statement: number): boolean;
  /** Looks it up and removes it. */
  readonly taking: string;
  /** Removes it, unless another thread has done so. */
  readonly ifThere: string;
}

export interface Removed {
  /** What looks it up, where that removes it as well; the statement that did so is left out. */
  readonly taking?: { readonly text: string; readonly statement: number };
  readonly replacements: readonly Replacement[];
}

/** @param use the container and the key, of a built-in dict */
export function removalOf(tree: CompactTree, use: { container: number; key: number }): Removal {
  const [table, name] = [tree.source(use.container), tree.source(use.key)];
  return {
    isAt: (statement) => {
      const inner = tree.firstChild(statement);
      if (tree.kind(statement) === Kind.DeleteStatement) {
        return tree.children(statement).length === 1 && tree.source(inner) === `${table}[${name}]`;
      }
      const call = tree.kind(statement) === Kind.ExpressionStatement ? methodCall(tree, inner) : undefined;
      if (call?.name !== "pop" || call.args.length !== 1) return false;
      return tree.source(call.receiver) === table && tree.source(call.args[0]!) === name;
    },
    taking: `${table}.pop(${name})`,
    ifThere: `${table}.pop(${name}, None)`,
  };
}

/**
 * What becomes of the removal; undefined where a second thread would go on with a value that a first one has taken.
 * @param statement looks the value up
 * @param behind what follows in its block
 * @param after what follows the block, as far as it stands in the block around
 */
export function removedBehind(
  tree: CompactTree,
  removal: Removal,
  statement: number,
  behind: readonly number[],
  after: readonly number[],
): Removed | undefined {
  const found = [...executedNodes(tree, behind)].filter((node) => removal.isAt(node));
  if (found.length === 0) return { replacements: [] };
  const target = targetOf(tree, statement);
  if (target === 0) return undefined;
  if (found.length === 1 && found[0] === behind[0]) {
    return { taking: { text: removal.taking, statement: found[0]! }, replacements: [] };
  }
  const names = [...executedNodes(tree, [target])]
    .filter((node) => tree.kind(node) === Kind.Identifier)
    .map((node) => tree.source(node));
  const first = tree.end(found[0]!);
  const isUsed = names.some((name) => isReadBehind(tree, name, first, [...behind, ...after]));
  if (isUsed) return undefined;
  return {
    replacements: found.map((node) => ({
      start: tree.start(node),
      end: tree.end(node),
      newText: removal.ifThere,
    })),
  };
}

/** The names that `value = d[k]` gives to what it looks up; 0 for other statements. */
function targetOf(tree: CompactTree, statement: number): number {
  const inner = tree.firstChild(statement);
  return tree.kind(inner) === Kind.Assignment && tree.kind(tree.child(inner, Field.Right)) === Kind.Subscript
    ? tree.child(inner, Field.Left)
    : 0;
}

/** Whether the name is read behind an offset, before it gets another value. */
function isReadBehind(
  tree: CompactTree,
  name: string,
  offset: number,
  statements: readonly number[],
): boolean {
  for (const statement of statements) {
    const mentions = [...executedNodes(tree, [statement])].filter(
      (node) =>
        tree.kind(node) === Kind.Identifier && tree.start(node) >= offset && tree.source(node) === name,
    );
    if (mentions.some((node) => !isTarget(tree, node))) return true;
    const isReplaced = tree.kind(statement) === Kind.ExpressionStatement && mentions.length > 0;
    if (isReplaced) return false;
  }
  return false;
}
