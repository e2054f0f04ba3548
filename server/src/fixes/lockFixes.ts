// The lock fixes of one finding, best first: all that needs the data's lock under it, then this one place alone.
import type { Finding, GuardSite } from "../findings/finding.ts";
import type { TextFix } from "./fix.ts";
import type { Sources } from "./fixesFor.ts";
import { guardedCode } from "./guardedCode.ts";
import { guardEvery, guardThis, type SourceOf, sourcesOf } from "./guardWithLock.ts";

export function lockFixes(finding: Finding, sources: Sources): TextFix[] {
  const { guard } = finding;
  if (guard === undefined || sources.tree(finding.path) === undefined) return [];
  const sourceOf = sourcesOf(sources);
  const { plan } = guard;
  if (plan === undefined) return [guardThis(finding, guard, sourceOf, "")];
  const every = guardEvery(finding, guard, plan.sites, sourceOf);
  if (every.disabled !== undefined) return [every, guardThis(finding, guard, sourceOf, " just this access")];
  // Neighbouring statements can come out as one place.
  if (isOnePlace(plan.sites, sourceOf)) return [every];
  return [every, { ...guardThis(finding, guard, sourceOf, " just this access"), isPreferred: false }];
}

function isOnePlace(sites: readonly GuardSite[], sourceOf: SourceOf): boolean {
  return sites.every(({ snapshot }) => snapshot === undefined) && guardedCode(sites, sourceOf).length === 1;
}
