// Blocks that run under the lock already, beside code that is to come under it or inside that code: they become one
// with it, for taking a plain lock twice would wait for ever, and giving it back in between lets others in.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { executedNodes } from "../scopes.ts";
import type { Source } from "../source.ts";
import type { Region } from "./codeUnderLock.ts";

/** Whether a statement is `with LOCK:` and nothing more, on a line of its own. */
export function isBlockUnder(tree: CompactTree, statement: number, lock: string): boolean {
  if (tree.kind(statement) !== Kind.WithStatement || !takes(tree, statement, lock)) return false;
  const head = tree.text.slice(tree.start(statement), tree.text.indexOf("\n", tree.start(statement)));
  return /^with\s+[\w.]+\s*:\s*$/.test(head);
}

/** The outermost blocks of the lock in code that runs with these statements. */
export function blocksWithin(tree: CompactTree, statements: readonly number[], lock: string): number[] {
  const blocks: number[] = [];
  let end = 0;
  for (const node of executedNodes(tree, statements)) {
    if (node < end || !isBlockUnder(tree, node, lock)) continue;
    blocks.push(node);
    end = tree.subtreeEnd(node);
  }
  return blocks;
}

/** The region with the blocks of the lock right before and behind it. */
export function withNeighbours({ tree }: Source, region: Region, lock: string): Region {
  const { block, statements } = region;
  const siblings = tree.children(block);
  const first = siblings.indexOf(statements[0]!);
  const last = siblings.indexOf(statements.at(-1)!);
  const isBlockAt = (at: number) => siblings[at] !== undefined && isBlockUnder(tree, siblings[at], lock);
  const from = isBlockAt(first - 1) ? first - 1 : first;
  const to = isBlockAt(last + 1) ? last + 1 : last;
  return { block, statements: siblings.slice(from, to + 1) };
}

/** Whether the region already runs under this lock in its function. */
export function isInsideWith(source: Source, region: Region, lock: string): boolean {
  const { tree } = source;
  for (let at = region.block; at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition || tree.kind(at) === Kind.Lambda) return false;
    if (tree.kind(at) === Kind.WithStatement && takes(tree, at, lock)) return true;
  }
  return false;
}

/** Whether a with statement's items include exactly this expression. */
function takes(tree: CompactTree, statement: number, lock: string): boolean {
  const clause = tree.children(statement).find((c) => tree.kind(c) === Kind.WithClause);
  if (clause === undefined) return false;
  return tree.children(clause).some((item) => {
    const value = tree.child(item, Field.Value) || tree.firstChild(item);
    const expressions = tree.kind(value) === Kind.Tuple ? tree.children(value) : [value];
    return expressions.some((e) => tree.source(e) === lock);
  });
}
