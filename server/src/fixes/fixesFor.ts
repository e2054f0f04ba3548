import type { Finding } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { TextFix } from "./fix.ts";
import { iterateSnapshot } from "./iterateSnapshot.ts";
import { lockFixes } from "./lockFixes.ts";

/** Where the fixes read the code from: the present tree of a file, undefined for files that are not known. */
export interface Sources {
  tree(path: string): CompactTree | undefined;
}

/**
 * The fixes a finding offers, best first; at most one of them is preferred. Fixes that would be wrong at
 * this place come with a reason instead of edits.
 * @param sources trees of the same texts that the finding was made from
 */
export function fixesFor(finding: Finding, sources: Sources): TextFix[] {
  const tree = sources.tree(finding.path);
  if (tree === undefined || finding.guard === undefined) return [];
  const snapshot = iterateSnapshot(finding, tree);
  const locks = lockFixes(finding, sources);
  if (snapshot === undefined) return locks;
  return [snapshot, ...locks.map((lock) => ({ ...lock, isPreferred: false }))];
}
