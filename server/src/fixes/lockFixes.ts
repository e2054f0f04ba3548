// The lock fixes of one finding, best first: all that needs the data's lock under it, then this one place alone.
import type { Finding, GuardRequest, GuardSite } from "../findings/finding.ts";
import type { TextFix } from "./fix.ts";
import { guardEvery, guardThis } from "./guardWithLock.ts";
import { advanceUnderLock } from "./iteration/advance.ts";
import { swapOut } from "./iteration/swapOut.ts";
import { doubleChecked } from "./lazy/doubleChecked.ts";
import { guardedCode } from "./region/guardedCode.ts";
import { type SourceOf, type Sources, sourcesOf } from "./source.ts";

export function lockFixes(finding: Finding, sources: Sources): TextFix[] {
  const { guard } = finding;
  if (guard === undefined || sources.tree(finding.path) === undefined) return [];
  const sourceOf = sourcesOf(sources);
  const own = guard.ownLock === undefined ? undefined : underOwnLock(guard, guard.ownLock);
  const better = own === undefined ? [] : fixesUnder(finding, own, sourceOf);
  if (better[0]?.disabled !== undefined || better.length === 0) return fixesUnder(finding, guard, sourceOf);
  // A lock of the data's own is second to the one that a reader expects to guard all that lies beside it.
  const [apart] = fixesUnder(finding, guard, sourceOf);
  const [first, ...rest] = better.filter((fix) => fix.disabled === undefined);
  // Where only the other one is right all through, it comes first.
  if (!first!.isPreferred && apart!.isPreferred) return [apart!, first!, ...rest];
  return [first!, ...(apart!.disabled === undefined ? [{ ...apart!, isPreferred: false }] : []), ...rest];
}

/** The same request with the lock of the object or module as the one that guards the data. */
function underOwnLock(guard: GuardRequest, ownLock: string): GuardRequest | undefined {
  if (guard.plan !== undefined && guard.plan.suitsOwnLock !== true) return undefined;
  return { ...guard, existingLock: ownLock };
}

function fixesUnder(finding: Finding, guard: GuardRequest, sourceOf: SourceOf): TextFix[] {
  const around = aroundAll(finding, guard, sourceOf);
  const swapped = swapOut(finding, guard, sourceOf);
  return swapped === undefined ? around : [swapped, ...around];
}

function aroundAll(finding: Finding, guard: GuardRequest, sourceOf: SourceOf): TextFix[] {
  const { plan } = guard;
  const advanced = advanceUnderLock(finding, guard, sourceOf);
  if (advanced !== undefined) return [advanced];
  const twice = doubleChecked(finding, guard, sourceOf) ?? [];
  if (plan === undefined) return [guardThis(finding, guard, sourceOf, "")].concat(twice);
  const every = guardEvery(finding, guard, plan.sites, sourceOf);
  if (every.disabled !== undefined) {
    // What is left out would still come in between.
    return [every, { ...guardThis(finding, guard, sourceOf, " just this access"), isPreferred: false }];
  }
  // Neighbouring statements can come out as one place.
  if (isOnePlace(guard, plan.sites, sourceOf)) return [every].concat(twice);
  return [every].concat(twice, {
    ...guardThis(finding, guard, sourceOf, " just this access"),
    isPreferred: false,
  });
}

function isOnePlace(guard: GuardRequest, sites: readonly GuardSite[], sourceOf: SourceOf): boolean {
  const isLocked = sites.every(({ snapshot }) => snapshot === undefined);
  return isLocked && guardedCode(sites, sourceOf, guard).length === 1;
}
