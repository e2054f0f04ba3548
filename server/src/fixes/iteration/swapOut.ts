// "Take all out first": instead of a lock around long work on a container, its content is taken out under the lock and
// worked through without it.
import type { Finding, GuardRequest } from "../../findings/finding.ts";
import { type TextFix, unlessRefused } from "../fix.ts";
import { costOf, guarded } from "../guardWithLock.ts";
import { LocalCalls, mentions } from "../hazards/reentrance.ts";
import { covers, type GuardedCode, sitesToGuard } from "../region/codeUnderLock.ts";
import { guardedCode } from "../region/guardedCode.ts";
import { isLight } from "../region/reach.ts";
import { wrapInWith } from "../region/region.ts";
import type { SourceOf } from "../source.ts";
import { type TakenOut, takenOut, takeOutFirst } from "./takenOut.ts";

/** Undefined where no code that needs the lock works through the container and empties it, or a lock is refused. */
export function swapOut(finding: Finding, guard: GuardRequest, sourceOf: SourceOf): TextFix | undefined {
  const sites = sitesToGuard(finding, guard);
  if (sites === undefined) return undefined;
  return unlessRefused(() => {
    const locked = sites.filter(({ snapshot }) => snapshot === undefined);
    const all = guardedCode(locked, sourceOf, guard);
    if (!sites.every((site) => all.some((one) => covers(one, site)))) return undefined;
    return made(finding, guard, all, sourceOf);
  });
}

function made(
  finding: Finding,
  guard: GuardRequest,
  all: readonly GuardedCode[],
  sourceOf: SourceOf,
): TextFix | undefined {
  const shapes = new Map<GuardedCode, TakenOut>();
  const code = all.map((one) => {
    const shape = takenOut(one, guard.name);
    if (shape === undefined) return one;
    // Only the taking runs under the lock.
    const statements = [...shape.tests, shape.emptying];
    const narrow = { ...one, region: { ...one.region, statements }, reachesOut: false };
    shapes.set(narrow, shape);
    return narrow;
  });
  const here = all.findIndex((one) => covers(one, { path: finding.path, access: finding.range }));
  const shape = here < 0 ? undefined : shapes.get(code[here]!);
  if (shape === undefined) return undefined;
  const isPlain = code.every(({ source, region }) =>
    region.statements.every((statement) => isLight(source.tree, statement)),
  );
  const { edits, lock, waits } = guarded(
    guard,
    code,
    sourceOf,
    !isPlain && comesBack(guard, code),
    isPlain ? undefined : (guard.plan?.callsOut ?? guard.callsOut),
    (one, name) => {
      const taken = shapes.get(one);
      return taken === undefined ? wrapInWith(one.source, one.region, name) : takeOutFirst(one, taken, name);
    },
  );
  const places = code.length === 1 ? "1 place" : `${code.length} places`;
  const name = `${lock.isNew ? "a new lock " : ""}\`${lock.nameAt(code[here]!)}\``;
  return {
    title: `Take all out of \`${shape.container}\` with ${name}, then work through it without the lock (${costOf(lock, `threads take turns in ${places}`, waits)}; if the work fails half-way, the rest of it is gone)`,
    edits,
    isPreferred: false,
  };
}

function comesBack(guard: GuardRequest, code: readonly GuardedCode[]): boolean {
  if (guard.plan?.callsBack ?? guard.callsBack) return true;
  return code.some(({ source: { tree }, region }) => {
    const functions = new Set(code.map(({ fn }) => fn));
    const isBack = (fn: number) => functions.has(fn) || mentions(tree, fn, guard.name);
    return new LocalCalls(tree).reaches(region, isBack) !== undefined;
  });
}
