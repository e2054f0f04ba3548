// Private functions have their lock from their callers: where all callers hold it, nothing is missing; where some do,
// the others have to.
import type { GuardSite } from "../../findings/finding.ts";
import { type FileNode, keyOf } from "../../program/fileNode.ts";
import { accessOf, type Site } from "../../program/locations.ts";
import type { LockKey } from "../../program/locksets.ts";
import { mutates } from "../../program/operations.ts";
import type { Program } from "../../program/program.ts";
import type { LockedRegion } from "./order.ts";
import { receiverParameter } from "./request.ts";

/** A test that is further from what it decides stands in code that does more than this. */
const mostLines = 15;

/** Code that needs the lock, as the fix and as the program see it. */
export interface Place {
  readonly site: GuardSite;
  readonly region: LockedRegion;
}

/** Whether the place stands in a private function that is only called from places that will hold the lock. */
export function isCalledUnderLock(program: Program, { region }: Place, places: readonly Place[]): boolean {
  const { file, fn } = region;
  const { owner } = file.facts.functions[fn]!;
  const sites = privateCallers(program, file, fn);
  if (sites === undefined) return false;
  return sites.every(({ file: from, call }) => {
    const caller = from.facts.functions[call.fn]!;
    if (owner >= 0 && caller.name === "__init__" && caller.owner === owner) return true;
    return places.some(
      ({ region: other }) =>
        other.file === from &&
        other.fn === call.fn &&
        call.fn !== fn &&
        other.start <= call.start &&
        call.end <= other.end,
    );
  });
}

/**
 * The calls that have to take the lock in place of the private function they call, because other callers hold it
 * already; undefined where no caller holds it, or one has no name for the object.
 */
export function callsWithoutLock(program: Program, { region }: Place, lock: LockKey): Place[] | undefined {
  const { file, fn } = region;
  const sites = privateCallers(program, file, fn) ?? [];
  const isHeld = ({ file: from, call }: (typeof sites)[number]) =>
    program.locksets.held(from, call.fn, call.context).has(lock);
  if (!sites.some(isHeld)) return undefined;
  const missing: Place[] = [];
  for (const site of sites) {
    const { file: from, call } = site;
    const caller = from.facts.functions[call.fn]!;
    if (isHeld(site) || caller.name === "__init__") continue;
    const { root, path } = from.place(call.callee);
    const receiver = receiverParameter(from, call.fn);
    if (root !== "self" || path.length !== 1 || receiver === undefined) return undefined;
    const range = from.range(call.start, call.end);
    missing.push({
      site: { path: from.path, region: range, access: range, receiver },
      region: { file: from, start: call.start, end: call.end, fn: call.fn, context: call.context },
    });
  }
  return missing;
}

/**
 * Calls of a private function that a look at the data decides on, which the function changes in the place: the access that
 * looks, and where the call ends.
 * @param sites all accesses of the data
 */
export function decidedCalls(
  program: Program,
  { region }: Place,
  sites: readonly Site[],
): { readonly site: Site; readonly end: number }[] {
  const isChange = (site: Site) => {
    const { fn, start, end } = accessOf(site);
    const isThere =
      site.file === region.file && fn === region.fn && region.start <= start && end <= region.end;
    return isThere && mutates(accessOf(site));
  };
  if (!sites.some(isChange)) return [];
  return (privateCallers(program, region.file, region.fn) ?? []).flatMap(({ file, call }) => {
    const { contexts } = file.facts;
    for (let at = call.context; at > 0; at = contexts[at]!.parent) {
      const { kind, fn, from, to, repeats } = contexts[at]!;
      if (kind !== "test" || fn !== call.fn || repeats) continue;
      const site = sites.find((one) => one.file === file && from <= one.access && one.access < to);
      if (site !== undefined && call.fn !== region.fn)
        return isNear(file, at, call.end) ? [{ site, end: call.end }] : [];
    }
    return [];
  });
}

/**
 * `if self._enough(n): self._remove(n)`: what one function found decides on the call of a private one, which changes the data
 * in the place. Both calls are one operation.
 * @param sites all accesses of the data
 */
export function decidedByCalls(program: Program, { region }: Place, sites: readonly Site[]): Place[] {
  const isIn = (site: Site, file: FileNode, fn: number) => site.file === file && accessOf(site).fn === fn;
  if (!sites.some((site) => isIn(site, region.file, region.fn) && mutates(accessOf(site)))) return [];
  return (privateCallers(program, region.file, region.fn) ?? []).flatMap(({ file, call }) => {
    const receiver = receiverParameter(file, call.fn);
    const isOwn = (callee: number) => {
      const { root, path } = file.place(callee);
      return root === "self" && path.length === 1;
    };
    if (call.fn === region.fn || receiver === undefined || !isOwn(call.callee)) return [];
    const looks = program.callGraph
      .calleesOf(keyOf(file, call.fn))
      .filter(({ fn, site }) => site.file === file && sites.some((one) => isIn(one, fn.file, fn.index)))
      .map(({ site }) => site.call);
    const { contexts } = file.facts;
    for (let at = call.context; at > 0; at = contexts[at]!.parent) {
      const { kind, fn, start, detail, repeats } = contexts[at]!;
      if (kind !== "test" || fn !== call.fn || repeats) continue;
      const look = looks.find((one) => start <= one.start && one.end <= start + detail.length);
      if (look === undefined || !isOwn(look.callee)) continue;
      if (!isNear(file, at, call.end)) return [];
      const range = file.range(look.start, look.end);
      return [
        {
          site: { path: file.path, region: file.range(look.start, call.end), access: range, receiver },
          region: { file, start: look.start, end: call.end, fn: call.fn, context: look.context },
        },
      ];
    }
    return [];
  });
}

/** Whether a test, with those that it is an `elif` of, is so near to the end that one lock may go around all of it. */
function isNear(file: FileNode, test: number, end: number): boolean {
  const { contexts } = file.facts;
  let first = contexts[test]!;
  for (let at = first.parent; at > 0; at = contexts[at]!.parent) {
    const { kind, holds, fn } = contexts[at]!;
    if (kind !== "test" || holds || fn !== first.fn) break;
    first = contexts[at]!;
  }
  const { startLine, endLine } = file.range(first.start, end);
  return endLine - startLine < mostLines;
}

/** All calls of a private function; undefined for others, and for those that nobody is seen to call. */
function privateCallers({ callGraph, concurrency }: Program, file: FileNode, fn: number) {
  const key = keyOf(file, fn);
  if (fn === 0 || !/^_[^_]/.test(file.facts.functions[fn]!.name) || concurrency.isEntry(key))
    return undefined;
  const sites = callGraph.callersOf(key);
  return sites.length === 0 ? undefined : sites;
}
