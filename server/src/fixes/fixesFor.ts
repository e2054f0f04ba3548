import type { Finding } from "../findings/finding.ts";
import { defaultOptions } from "../findings/options.ts";
import type { TextFix } from "./fix.ts";
import { iterateSnapshot } from "./iteration/iterateSnapshot.ts";
import { lockFixes } from "./lockFixes.ts";
import { rewritesFor } from "./rewrite/rewritesFor.ts";
import { isSafeLock, isSafeSnapshot } from "./safety.ts";
import type { Sources } from "./source.ts";

/**
 * The fixes a finding offers, best first: what needs no lock, then the locks; at most one of them is preferred.
 * Fixes that would be wrong at this place come with a reason instead of edits.
 * @param sources trees of the same texts that the finding was made from
 */
export function fixesFor(finding: Finding, sources: Sources): TextFix[] {
  const tree = sources.tree(finding.path);
  if (tree === undefined) return [];
  const target = sources.target?.(finding.path) ?? defaultOptions.target;
  const rewrites = rewritesFor(finding, tree, target);
  const snapshot = finding.guard === undefined ? undefined : iterateSnapshot(finding, tree);
  const locks = finding.guard === undefined ? [] : lockFixes(finding, sources);
  return onePreferred([
    ...rewrites,
    ...(snapshot === undefined ? [] : [judged(snapshot, isSafeSnapshot(finding, tree))]),
    ...locks.map((lock, i) => judged(lock, i === 0 && isSafeLock(finding, lock, tree))),
  ]);
}

function judged(fix: TextFix, isSafe: boolean): TextFix {
  return isSafe ? { ...fix, isSafe: true } : fix;
}

function onePreferred(fixes: readonly TextFix[]): TextFix[] {
  const preferred = fixes.find((fix) => fix.isPreferred && fix.disabled === undefined);
  return fixes.map((fix) => (fix.isPreferred && fix !== preferred ? { ...fix, isPreferred: false } : fix));
}
