// "Guard with a lock": the statements that must not be interrupted, under the lock that guards the data
// already or under a new one that lives where the data lives.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { Finding, GuardRequest, GuardSite } from "../findings/finding.ts";
import { applyEdits, Refusal, type TextEdit, type TextFix } from "./fix.ts";
import { callOfParameter, leadsOutBehind } from "./hazards/foreignCode.ts";
import { comparesForeignKeys } from "./hazards/foreignKeys.ts";
import { longHelper, refuseHazards, refuseLeak, slowCall } from "./hazards/hazards.ts";
import { isInterrupted } from "./hazards/interrupting.ts";
import { isLeftToSubclasses, LocalCalls, mentions } from "./hazards/reentrance.ts";
import { copiesGiven, copyCost, withoutIterators } from "./iteration/givenIterators.ts";
import { snapshotEdits } from "./iteration/iterateSnapshot.ts";
import { existingLock } from "./lock/existingLock.ts";
import type { LockChoice } from "./lock/lockChoice.ts";
import { newLock } from "./lock/newLock.ts";
import { covers, type GuardedCode } from "./region/codeUnderLock.ts";
import { lookedAtTogether } from "./region/companions.ts";
import { guardedCode, leavesTest } from "./region/guardedCode.ts";
import { wrapWithTest } from "./region/loopTest.ts";
import { wrapInWith } from "./region/region.ts";
import { isInsideWith } from "./region/sameLock.ts";
import { binds, executedNodes, nameOf } from "./scopes.ts";
import type { SourceOf } from "./source.ts";

/** Rules about work that is done once, so that others may well wait until it is done. */
const isMadeOnce = /^(lazy-|get-or-compute$|singleton-|unlocked-singleton$|publish-before-complete$)/;

/** A change of more places than this is for a reader to decide. */
const mostPlaces = 12;

/**
 * Puts this one access, with what belongs to it, under the lock.
 * @param only what the title says of the others: nothing, or " just this access"
 */
export function guardThis(finding: Finding, guard: GuardRequest, sourceOf: SourceOf, only: string): TextFix {
  const site: GuardSite = { ...guard, path: finding.path, access: finding.range };
  return orRefused("Guard with a lock", () => {
    const code = guardedCode([site], sourceOf, { ...guard, isAlone: only !== "" });
    refuseConflict(guard.conflict);
    // A function called from the region will want the same lock once its own access is guarded.
    const callsBack =
      guard.callsBack === true ||
      comesBack(code) ||
      new LocalCalls(code[0]!.source.tree).reaches(code[0]!.region, (fn) =>
        mentions(code[0]!.source.tree, fn, guard.name),
      ) !== undefined;
    const { edits, lock, waits } = guarded(guard, code, sourceOf, callsBack, guard.callsOut);
    return {
      isPreferred:
        !lock.needsClick && (waits === undefined || isMadeOnce.test(finding.rule)) && !code.some(leavesTest),
      title: `Guard${only} with ${lock.isNew ? "a new lock " : ""}\`${lock.nameAt(code[0]!)}\` (${costOf(lock, `threads take turns here${copyCost(code)}${testCost(code)}`, waits)}${leftOut(guard, code[0]!, only)})`,
      edits,
    };
  });
}

/** How many places stay without the lock that would have to come under it, too. */
function leftOut({ plan }: GuardRequest, code: GuardedCode, only: string): string {
  const left = only === "" ? 0 : (plan?.sites ?? []).filter((site) => !covers(code, site)).length;
  return left === 0 ? "" : `; ${left === 1 ? "1 other place stays" : `${left} other places stay`} without it`;
}

/** Puts all that needs the lock under it, in all files. */
export function guardEvery(
  finding: Finding,
  guard: GuardRequest,
  sites: readonly GuardSite[],
  sourceOf: SourceOf,
): TextFix {
  const title = `Guard every access to \`${finding.symbol}\``;
  return orRefused(title, () => {
    const all = guardedCode(
      sites.filter(({ snapshot }) => snapshot === undefined),
      sourceOf,
      guard,
    );
    const { code: changing, aside } = withoutIterators(all, finding);
    // A lock that is there may be held by callers already.
    const looks = guard.existingLock === undefined ? lookedAtTogether(changing, guard) : [];
    const code = [...changing, ...looks];
    refuseConflict(guard.plan?.conflict);
    const callsBack = guard.plan?.callsBack === true || reachesAnother(code) || comesBack(code);
    const { edits, lock, waits } = guarded(guard, code, sourceOf, callsBack, guard.plan?.callsOut);
    const copies = sites.filter(
      (site) => site.snapshot !== undefined && !code.some((one) => covers(one, site)),
    );
    const changes = [...edits, ...copies.flatMap((site) => snapshotEdits(site, sourceOf(site.path).text))];
    const places = code.length === 1 ? "1 place" : `${code.length} places`;
    const files = new Set([...code.map(({ source }) => source.path), ...copies.map(({ path }) => path)]).size;
    const where = files > 1 ? `${places} in ${files} files` : places;
    const copied = copies.length === 0 ? "" : "; loops run over copies";
    const here = code.find(({ source }) => source.path === finding.path) ?? code[0]!;
    return {
      isPreferred:
        !lock.needsClick &&
        (waits === undefined || isMadeOnce.test(finding.rule)) &&
        code.length <= mostPlaces &&
        !code.some(leavesTest),
      title: `${code.length === 1 && copies.length === 0 ? "Guard" : title}${aside} with ${lock.isNew ? "a new lock " : ""}\`${lock.nameAt(here)}\` (${costOf(lock, `threads take turns in ${where}${copyCost(code)}${testCost(code)}`, waits)}${copied})`,
      edits: changes,
    };
  });
}

function testCost(code: readonly GuardedCode[]): string {
  return code.some(leavesTest) ? ", what was tested before may have changed by then" : "";
}

function orRefused(title: string, make: () => TextFix): TextFix {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { title, edits: [], isPreferred: false, disabled: error.reason };
  }
}

/** The lock that guards the data already, or a new one. */
export function lockFor(
  guard: GuardRequest,
  code: readonly GuardedCode[],
  sourceOf: SourceOf,
  callsBack: boolean,
): LockChoice {
  if (guard.bypassedBy !== undefined && guard.existingLock === undefined) {
    throw new Refusal(
      `\`${guard.bypassedBy}.__init__\` does not call that of its base, which would make the lock.`,
    );
  }
  const isReentered = isInterrupted(guard, code) || callsBack;
  if (guard.existingLock !== undefined) return existingLock(guard, guard.existingLock, code, sourceOf);
  return newLock(guard, code, sourceOf, isReentered ? "RLock" : "Lock");
}

/** @param under puts one piece of code under the lock, when that is not simply a `with` around it */
export function guarded(
  guard: GuardRequest,
  code: readonly GuardedCode[],
  sourceOf: SourceOf,
  callsBack: boolean,
  callsOut: string | undefined,
  under: (one: GuardedCode, lock: string) => TextEdit[] = (one, lock) =>
    wrapWithTest(one, lock, guard.name) ?? wrapInWith(one.source, one.region, lock),
): { edits: TextEdit[]; lock: LockChoice; waits: string | undefined } {
  const lock = lockFor(guard, code, sourceOf, callsBack);
  const wraps = code.flatMap((one) => naming(one, code, () => wrap(one, guard, lock, under)));
  const edits = [...lock.edits, ...wraps];
  refuseOverlaps(edits, sourceOf);
  const slow = code
    .map(
      ({ source: { tree }, region }) =>
        slowCall(tree, region) ?? callOfParameter(tree, region) ?? longHelper(tree, region),
    )
    .find(Boolean);
  return {
    edits,
    lock,
    waits: slow ?? (callsOut === undefined ? undefined : `${callsOut}()`),
  };
}

function wrap(
  one: GuardedCode,
  guard: GuardRequest,
  lock: LockChoice,
  under: (one: GuardedCode, lock: string) => TextEdit[],
): TextEdit[] {
  const { source, region, accesses } = one;
  const { tree } = source;
  const name = lock.nameAt(one);
  if (isInsideWith(source, region, name)) throw new Refusal(`\`${name}\` is held here already.`);
  refuseBareStore(one, guard.name);
  for (const { start, end } of accesses) refuseHazards(tree, region, tree.enclosing(start, end), name);
  if (guard.isContainer) refuseLeak(tree, region, one.site.importedAs ?? guard.name, one.site.receiver);
  refuseLateReceiver(one, name);
  return [...under(one, name), ...copiesGiven(one)];
}

/** Of several pieces, the reason says which one cannot be guarded. */
function naming<T>({ source, fn }: GuardedCode, code: readonly GuardedCode[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal) || code.length === 1) throw error;
    const isNamed = fn !== 0 && source.tree.kind(fn) === Kind.FunctionDefinition;
    throw new Refusal(`${isNamed ? `\`${nameOf(source.tree, fn)}\`` : "Elsewhere"}: ${error.reason}`);
  }
}

export function costOf(lock: LockChoice, turns: string, waits: string | undefined): string {
  const waiting = waits === undefined ? "" : `, also while \`${waits}\` runs`;
  return `${turns}${waiting}${lock.cost === undefined ? "" : `; ${lock.cost}`}`;
}

function refuseConflict(conflict: string | undefined): void {
  if (conflict !== undefined) throw new Refusal(conflict);
}

/** Whether code under the lock calls, by what this one file shows, other code that takes it. */
function reachesAnother(code: readonly GuardedCode[]): boolean {
  return code.some(({ source, region }) => {
    const functions = new Set(code.filter((other) => other.source === source).map(({ fn }) => fn));
    return new LocalCalls(source.tree).reaches(region, (fn) => functions.has(fn)) !== undefined;
  });
}

/** Neighbours that call what is not known, a method that only subclasses fill, or the keys of a container's users. */
function comesBack(code: readonly GuardedCode[]): boolean {
  return code.some(
    ({ source: { tree }, region, accesses, reachesOut }) =>
      reachesOut ||
      leadsOutBehind(tree, region, Math.max(...accesses.map(({ end }) => end))) ||
      comparesForeignKeys(tree, region) ||
      new LocalCalls(tree).reaches(region, (fn) => isLeftToSubclasses(tree, fn)) !== undefined,
  );
}

/** `db = shared`, much more, then `shared = db`: a lock around the last of them keeps nobody from anything. */
function refuseBareStore({ source: { tree }, region, site }: GuardedCode, name: string): void {
  if (site.writesBack !== true) return;
  let mentioned = 0;
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) === Kind.Identifier && tree.source(node) === (site.importedAs ?? name))
      mentioned += 1;
  }
  if (mentioned < 2) {
    throw new Refusal(
      `What is stored in \`${name}\` here was read from it further up; a lock around the store alone would protect nothing.`,
    );
  }
}

/** The lock is looked up before the region runs, so the region must not decide whose lock it is. */
function refuseLateReceiver({ source, region }: GuardedCode, lock: string): void {
  const root = /^\w+/.exec(lock)?.[0] ?? "";
  if (lock.includes(".") && binds(source.tree, region.statements, root)) {
    throw new Refusal(`\`${root}\` is bound inside the code that needs its lock.`);
  }
}

function refuseOverlaps(edits: readonly TextEdit[], sourceOf: SourceOf): void {
  for (const path of new Set(edits.map((edit) => edit.path))) {
    try {
      applyEdits(
        sourceOf(path).text,
        edits.filter((edit) => edit.path === path),
      );
    } catch {
      throw new Refusal("The lines to change are laid out in a way that needs a hand.");
    }
  }
}
