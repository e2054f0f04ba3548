// Double-checked locking for what is made on first use: look, take the lock, look again, make. On CPython with and without
// the GIL one read of a name or attribute is one step, and whoever finds the object finds all of it that was there when it
// was stored.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { Finding, GuardRequest, GuardSite } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { type TextFix, unlessRefused } from "../fix.ts";
import { costOf, guarded } from "../guardWithLock.ts";
import { LocalCalls, mentions } from "../hazards/reentrance.ts";
import { covers, type GuardedCode, sitesToGuard } from "../region/codeUnderLock.ts";
import { guardedCode } from "../region/guardedCode.ts";
import { regionOf, wrapInWith, wrapUnder } from "../region/region.ts";
import { bindingOf, functionAround, lastName, nameOf, parametersOf } from "../scopes.ts";
import type { SourceOf } from "../source.ts";
import { type LazyCreation, lazyCreation } from "./lazyCreation.ts";

const lazyRules = new Set(["lazy-attribute-init", "lazy-global-init", "singleton-creation"]);

/** A rule about flags: what is done once, or done when something has changed. */
const flagRule = "check-then-act-attribute";

/**
 * A second choice beside the lock around all of it: readers do not wait for each other. Undefined where the code has
 * another shape, or where the lock around all of it is refused already.
 */
export function doubleChecked(
  finding: Finding,
  guard: GuardRequest,
  sourceOf: SourceOf,
): TextFix | undefined {
  const sites = sitesToGuard(finding, guard);
  const isSuited = lazyRules.has(finding.rule) || finding.rule === flagRule;
  if (!isSuited || sites === undefined || sites.some(({ snapshot }) => snapshot !== undefined))
    return undefined;
  return unlessRefused(() => made(finding, guard, sites, sourceOf));
}

function made(
  finding: Finding,
  guard: GuardRequest,
  sites: readonly GuardSite[],
  sourceOf: SourceOf,
): TextFix | undefined {
  const creations = new Map<GuardedCode, LazyCreation>();
  for (const site of sites) {
    const source = sourceOf(site.path);
    const creation = lazyCreation(source.tree, site.region, site.access);
    if (
      creation === undefined ||
      creation.isFlag !== (finding.rule === flagRule) ||
      [...creations].some(([one, other]) => one.source === source && other.start === creation.start)
    )
      continue;
    const region = regionOf(source.tree, creation.start, creation.end);
    const fn = functionAround(source.tree, region.statements[0]!);
    creations.set(
      { source, region, fn, site, accesses: [site.access], reachesOut: false, hasCompanions: false },
      creation,
    );
  }
  const isInOne = ({ path, access }: Pick<GuardSite, "path" | "access">) =>
    [...creations].find(
      ([{ source }, { start, end }]) => source.path === path && start <= access.start && access.end <= end,
    );
  const here = isInOne({ path: finding.path, access: finding.range });
  if (here === undefined) return undefined;
  const others = sites.filter((site) => isInOne(site) === undefined);
  const code = [...creations.keys(), ...(others.length === 0 ? [] : guardedCode(others, sourceOf, guard))];
  // A creation within code that comes under the lock as a whole would take it twice.
  if (code.some((one) => code.some((other) => other !== one && covers(other, one.site)))) return undefined;
  const isFlag = finding.rule === flagRule;
  const title = isFlag ? "Guard the work only" : "Guard the creation only";
  const turns = isFlag
    ? "nobody waits when there is nothing to do"
    : "readers take no lock; the first ones wait while it is made";
  const reset = [...creations].find(
    ([one, { isReadBehind }]) =>
      isReadBehind && resetIn(one.source.tree, guard.name, creations) !== undefined,
  );
  if (reset !== undefined) {
    const where = resetIn(reset[0].source.tree, guard.name, creations)!;
    return {
      title,
      edits: [],
      isPreferred: false,
      disabled: `\`${where}\` stores something else there: code that looks again after the test, without the lock, could find that.`,
    };
  }
  const { edits, lock, waits } = guarded(
    guard,
    code,
    sourceOf,
    callsBack(guard, code),
    guard.callsOut,
    (one, name) => {
      const creation = creations.get(one);
      if (creation === undefined) return wrapInWith(one.source, one.region, name);
      return wrapUnder(one.source, creation.region, [`with ${name}:`, ...creation.look]);
    },
  );
  const name = `${lock.isNew ? "a new lock " : ""}\`${lock.nameAt(here[0])}\``;
  return {
    title: `${title}, with ${name}, and look again under it (${costOf(lock, turns, waits)})`,
    edits,
    isPreferred: false,
  };
}

function callsBack(guard: GuardRequest, code: readonly GuardedCode[]): boolean {
  if (
    guard.callsBack ||
    guard.callsOut !== undefined ||
    guard.plan?.callsBack ||
    guard.plan?.callsOut !== undefined
  )
    return true;
  return code.some(({ source: { tree }, region }) => {
    const functions = new Set(code.map(({ fn }) => fn));
    const comesBack = (fn: number) => functions.has(fn) || mentions(tree, fn, guard.name);
    return new LocalCalls(tree).reaches(region, comesBack) !== undefined;
  });
}

/** A function, other than constructors and the creations, that stores to the same name or attribute. */
function resetIn(
  tree: CompactTree,
  name: string,
  creations: ReadonlyMap<GuardedCode, LazyCreation>,
): string | undefined {
  for (let node = 1; node < tree.count; node += 1) {
    const kind = tree.kind(node);
    if (kind !== Kind.Identifier && kind !== Kind.Attribute) continue;
    if (lastName(tree.source(node)) !== name || !isChanged(tree, node)) continue;
    const fn = functionAround(tree, node);
    if (fn === 0 || tree.kind(fn) !== Kind.FunctionDefinition || /^__(init|new)__$/.test(nameOf(tree, fn)))
      continue;
    const isCreation = [...creations.values()].some(
      ({ start, end }) => start <= tree.start(node) && tree.end(node) <= end,
    );
    if (!isCreation && !storesObject(tree, node, fn)) return nameOf(tree, fn);
  }
  return undefined;
}

/** `_instance = self`: whoever looks again finds another object than before, but an object. */
function storesObject(tree: CompactTree, node: number, fn: number): boolean {
  const assignment = tree.parent(node);
  if (tree.kind(assignment) !== Kind.Assignment) return false;
  const isMethod = tree.kind(tree.parent(tree.parent(fn))) === Kind.ClassDefinition;
  const value = tree.source(tree.child(assignment, Field.Right));
  return isMethod && value === "self" && parametersOf(tree, fn)[0] === value;
}

function isChanged(tree: CompactTree, node: number): boolean {
  const binding = bindingOf(tree, node);
  return binding !== 0 && tree.kind(binding) !== Kind.GlobalStatement;
}
