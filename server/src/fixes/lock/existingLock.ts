// The lock that guards the data elsewhere, as this function can name it.
import type { GuardRequest } from "../../findings/finding.ts";
import { Refusal } from "../fix.ts";
import { blocksUnder, isReentrant, LocalCalls, takesLock } from "../hazards/reentrance.ts";
import type { GuardedCode, Region } from "../region/codeUnderLock.ts";
import { blocksWithin } from "../region/sameLock.ts";
import { binds, bindsLocally, bodyOf, functionAround, nameOf } from "../scopes.ts";
import type { Source, SourceOf } from "../source.ts";
import type { LockChoice } from "./lockChoice.ts";
import { importsOfLock } from "./lockImport.ts";

export function existingLock(
  guard: GuardRequest,
  written: string,
  code: readonly GuardedCode[],
  sourceOf: SourceOf,
): LockChoice {
  if (written === "") throw new Refusal("A lock guards this elsewhere that has no name here.");
  const names = new Map(code.map((one) => [one, nameHere(guard, written, one)]));
  for (const [one, name] of names) {
    refuseDeadlock(one.source, name, one.region);
    refuseNested(one, name, code);
  }
  const strangers = code.filter((one) => isImported(guard, written, one));
  const edits = strangers.length === 0 ? [] : importsOfLock(sourceOf(guard.home!.path), strangers, written);
  return { nameAt: (one) => names.get(one)!, edits, isNew: false };
}

/** `self._lock` of another method is `job._lock` where the data is `job.count`. */
function nameHere(guard: GuardRequest, written: string, one: GuardedCode): string {
  const { source, region, site } = one;
  const [root, ...path] = written.split(".");
  const isAttribute = root === "self" || root === "cls";
  if (isAttribute) {
    if (site.receiver === undefined || guard.scope === "module" || guard.scope === "closure") {
      throw new Refusal(`\`${written}\` guards this elsewhere and cannot be reached from here.`);
    }
    return [site.receiver, ...path].join(".");
  }
  if (isBesideData(guard, written, source)) {
    if (site.receiver !== undefined) return `${site.receiver}.${written}`;
    if (site.importedAs !== undefined) return written;
  }
  const isSameFile = guard.existingLockPath === undefined || guard.existingLockPath === source.path;
  if (!isSameFile || !isVisible(source, root!, region)) {
    throw new Refusal(`\`${written}\` guards this elsewhere and is not known by that name here.`);
  }
  return written;
}

/** A global lock of the file that owns the data, seen from another file. */
function isBesideData(
  { scope, home, existingLockPath }: GuardRequest,
  written: string,
  source: Source,
): boolean {
  return (
    scope === "module" &&
    !written.includes(".") &&
    home?.path === existingLockPath &&
    source.path !== home?.path
  );
}

function isImported(guard: GuardRequest, written: string, { source, site }: GuardedCode): boolean {
  return isBesideData(guard, written, source) && site.receiver === undefined;
}

/** Whether the name means a module variable here, or a variable of a function around. */
function isVisible(source: Source, name: string, region: Region): boolean {
  const { tree } = source;
  for (let fn = functionAround(tree, region.statements[0]!); fn > 0; fn = functionAround(tree, fn)) {
    if (bindsLocally(tree, fn, name)) return isClosureLock(source, fn, name);
  }
  return binds(tree, tree.children(0), name);
}

/** A local of that name is the lock only if the function makes it or is handed it. */
function isClosureLock(source: Source, fn: number, name: string): boolean {
  const { tree } = source;
  const body = bodyOf(tree, fn).map((statement) => tree.source(statement));
  return !binds(tree, bodyOf(tree, fn), name) || body.some((text) => /Lock\(|Condition\(/.test(text));
}

/** Code that calls another piece, which will take the lock as well once all is done. */
function refuseNested({ source, region }: GuardedCode, lock: string, code: readonly GuardedCode[]): void {
  if (isReentrant(source.tree, lock)) return;
  const guarded = new Set(code.filter((other) => other.source === source).map(({ fn }) => fn));
  const callee = new LocalCalls(source.tree).reaches(region, (fn) => guarded.has(fn));
  if (callee !== undefined) {
    throw new Refusal(`\`${callee}\`, called here, needs \`${lock}\` too and would block forever.`);
  }
}

function refuseDeadlock(source: Source, lock: string, region: Region): void {
  const { tree } = source;
  if (isReentrant(tree, lock)) return;
  const calls = new LocalCalls(tree);
  const fn = functionAround(tree, region.statements[0]!);
  const holders = blocksUnder(tree, lock);
  if (fn !== 0 && calls.reaches({ block: 0, statements: holders }, (called) => called === fn) !== undefined) {
    throw new Refusal(`\`${lock}\` is held by a caller of \`${nameOf(tree, fn)}\` and would block forever.`);
  }
  const joined = new Set(blocksWithin(tree, region.statements, lock));
  if (takesLock(tree, region.statements, lock, (statement) => joined.has(statement))) {
    throw new Refusal(`\`${lock}\` is taken inside this code; taking it around as well would block forever.`);
  }
  const callee = calls.reaches(region, (fn) => takesLock(tree, bodyOf(tree, fn), lock));
  if (callee !== undefined) {
    throw new Refusal(`\`${callee}\`, called here, takes \`${lock}\` itself and would block forever.`);
  }
}
