// The lock fixes of one finding, best first: all that needs the data's lock under it, then this one place alone.
import type { Finding } from "../findings/finding.ts";
import type { TextFix } from "./fix.ts";
import type { Sources } from "./fixesFor.ts";
import { guardEvery, guardThis, sourcesOf } from "./guardWithLock.ts";

export function lockFixes(finding: Finding, sources: Sources): TextFix[] {
  const { guard } = finding;
  if (guard === undefined || sources.tree(finding.path) === undefined) return [];
  const sourceOf = sourcesOf(sources);
  const one = guardThis(finding, guard, sourceOf);
  const { plan } = guard;
  if (plan === undefined) return [one];
  const every = guardEvery(finding, guard, plan.sites, sourceOf);
  // Neighbouring statements can come out as one place.
  if (JSON.stringify(every.edits) === JSON.stringify(one.edits) && one.disabled === undefined) return [one];
  return [every, every.disabled === undefined ? { ...one, isPreferred: false } : one];
}
