// The lock fixes of one finding, best first: every access of the data under its lock, then this one alone.
import type { Finding } from "../findings/finding.ts";
import type { TextFix } from "./fix.ts";
import type { Sources } from "./fixesFor.ts";
import { guardWithLock } from "./guardWithLock.ts";

export function lockFixes(finding: Finding, sources: Sources): TextFix[] {
  const tree = sources.tree(finding.path);
  if (tree === undefined || finding.guard === undefined) return [];
  return [guardWithLock(finding, finding.guard, tree)];
}
