// What a stress test calls: the functions around the accesses of a finding, and how to come by them.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { Finding } from "../findings/finding.ts";
import { decoratorsOf, definitionIn, functionAround, lastName, nameOf } from "../fixes/scopes.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { argumentsFor, NoTest } from "./arguments.ts";
import { callersOf } from "./callSites.ts";

export interface Subject {
  /** Expression that makes the object whose methods are called, from `module`; absent for functions. */
  readonly made?: string;
  /** Expressions of the calls, from `module` and `subject`. */
  readonly calls: readonly string[];
  /** The data, from `module` and `subject`, if it has a name there. */
  readonly data?: string;
}

/** @throws NoTest where the accesses cannot be called from outside */
export function subjectOf(finding: Finding, tree: CompactTree): Subject {
  refuseRunningModules(tree);
  const functions = functionsOf(finding, tree);
  const cls = classOf(tree, functions[0]!);
  if (cls === 0) {
    return {
      calls: functions.map((fn) => call("module", tree, fn, 0)),
      ...dataOf(finding),
    };
  }
  const init = bodyMethod(tree, cls, "__init__");
  const bases = tree.childrenOf(cls, Field.Superclasses);
  if (init === 0 && bases.length > 0 && tree.source(bases[0]!) !== "object") {
    throw new NoTest(`\`${nameOf(tree, cls)}\` is made as its base class says, which is not known here.`);
  }
  const args = init === 0 ? [] : argumentsFor(tree, init, 1, nameOf(tree, cls));
  return {
    made: `module.${nameOf(tree, cls)}(${args.join(", ")})`,
    calls: functions.map((fn) => call("subject", tree, fn, 1)),
    ...dataOf(finding),
  };
}

function call(owner: string, tree: CompactTree, fn: number, skip: number): string {
  const isProperty = decoratorsOf(tree, fn).some(({ name }) => name === "property");
  const name = `${owner}.${nameOf(tree, fn)}`;
  return isProperty ? name : `${name}(${argumentsFor(tree, fn, skip).join(", ")})`;
}

function dataOf({ guard }: Finding): { data?: string } {
  if (guard === undefined || !/^\w+$/.test(guard.name) || /^__.*[^_]_?$/.test(guard.name)) return {};
  if (guard.scope === "module") return { data: `module.${guard.name}` };
  return guard.scope === "instance" ? { data: `subject.${guard.name}` } : {};
}

/** The functions of the finding's file that use its data, the one with the finding first; each once. */
function functionsOf(finding: Finding, tree: CompactTree): number[] {
  const { range, guard, path } = finding;
  const own = publicWayTo(tree, functionAround(tree, tree.enclosing(range.start, range.end)));
  const sites = (guard?.plan?.sites ?? []).filter((site) => site.path === path);
  const others = [
    ...sites.map(({ access }) => tree.enclosing(access.start, access.end)),
    ...storesOf(finding, tree),
  ].map((node) => wayTo(tree, functionAround(tree, node)) ?? 0);
  const cls = classOf(tree, own);
  return [...new Set([own, ...others])].filter((fn) => fn === own || canCall(tree, fn, cls));
}

/** @throws NoTest where no public function leads to `fn` */
function publicWayTo(tree: CompactTree, fn: number): number {
  const way = wayTo(tree, fn);
  if (way === undefined) refuseHidden(tree, fn);
  return way ?? fn;
}

/** The function itself, or the nearest of its callers that a test may call; of private ones three deep. */
function wayTo(tree: CompactTree, fn: number): number | undefined {
  const cls = classOf(tree, fn);
  let reached = [fn];
  for (let depth = 0; depth <= 3; depth += 1) {
    const way = reached.find((one) => classOf(tree, one) === cls && isCallable(tree, one));
    if (way !== undefined) return way;
    reached = reached.filter((one) => one !== 0).flatMap((one) => callersOf(tree, one));
  }
  return undefined;
}

/** Of the others those count that can be called on the same object. */
function canCall(tree: CompactTree, fn: number, cls: number): boolean {
  return fn !== 0 && classOf(tree, fn) === cls && isCallable(tree, fn);
}

function isCallable(tree: CompactTree, fn: number): boolean {
  try {
    refuseHidden(tree, fn);
    argumentsFor(tree, fn, classOf(tree, fn) === 0 ? 0 : 1);
    return true;
  } catch (error) {
    if (error instanceof NoTest) return false;
    throw error;
  }
}

const fills = /^(append|appendleft|add|extend|update|setdefault|put|put_nowait|insert)$/;

/** Where the data is stored to or filled: what can meet the finding's access without failing alone. */
function storesOf({ guard }: Finding, tree: CompactTree): number[] {
  if (guard === undefined) return [];
  const nodes: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== guard.name) continue;
    const isAttribute = tree.field(node) === Field.Attribute;
    if (isAttribute !== (guard.scope !== "module")) continue;
    const data = isAttribute ? tree.parent(node) : node;
    const around = tree.parent(data);
    const isElement = tree.kind(around) === Kind.Subscript && tree.field(data) === Field.Value;
    const place = isElement ? around : data;
    const assignment = tree.parent(place);
    const isStore =
      (tree.kind(assignment) === Kind.Assignment || tree.kind(assignment) === Kind.AugmentedAssignment) &&
      tree.field(place) === Field.Left;
    const method = tree.child(around, Field.Attribute);
    if (isStore || (method !== 0 && fills.test(tree.source(method)))) nodes.push(data);
  }
  return nodes;
}

function refuseHidden(tree: CompactTree, fn: number): void {
  if (fn === 0) throw new NoTest("The access is not in a function that a test could call.");
  if (tree.kind(fn) !== Kind.FunctionDefinition || functionAround(tree, fn) !== 0) {
    throw new NoTest("The access is in a function inside another, which a test cannot call.");
  }
  const name = nameOf(tree, fn);
  if (/^_(?!_.*__$)|^__(init|new|del)__$/.test(name))
    throw new NoTest(`\`${name}\` is private; a test should not call it.`);
  const decorators = decoratorsOf(tree, fn).filter(
    ({ name: it }) => !/^(property|staticmethod|classmethod)$/.test(it),
  );
  if (decorators.length > 0) {
    throw new NoTest(`\`@${decorators[0]!.name}\` may change how \`${name}\` is called.`);
  }
  if (/^async\b/.test(tree.source(fn)))
    throw new NoTest(`\`${name}\` is a coroutine; threads do not run it by calling it.`);
  const cls = classOf(tree, fn);
  if (cls !== 0 && (nameOf(tree, cls).startsWith("_") || !isTopLevel(tree, cls)))
    throw new NoTest(`\`${nameOf(tree, cls)}\` cannot be made from outside its module.`);
  if (cls === 0 && !isTopLevel(tree, fn)) throw new NoTest(`\`${name}\` is defined on a condition.`);
}

function isTopLevel(tree: CompactTree, definition: number): boolean {
  const parent = tree.parent(definition);
  return parent === 0 || (tree.kind(parent) === Kind.DecoratedDefinition && tree.parent(parent) === 0);
}

/** The class that a method belongs to; 0 for functions. */
function classOf(tree: CompactTree, fn: number): number {
  for (let at = tree.parent(fn); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.ClassDefinition) return at;
    if (tree.kind(at) === Kind.FunctionDefinition) return 0;
  }
  return 0;
}

function bodyMethod(tree: CompactTree, cls: number, name: string): number {
  const methods = tree.childrenOf(cls, Field.Body).map((s) => definitionIn(tree, s));
  return methods.find((m) => m !== 0 && nameOf(tree, m) === name) ?? 0;
}

/** Importing a module must not run its program. */
function refuseRunningModules(tree: CompactTree): void {
  for (const statement of tree.children(0)) {
    const kind = tree.kind(statement);
    const isLoop = kind === Kind.ForStatement || kind === Kind.WhileStatement || kind === Kind.WithStatement;
    const only = tree.firstChild(statement);
    const isCall =
      kind === Kind.ExpressionStatement && tree.kind(only) === Kind.Call && !isHarmless(tree, only);
    if (isLoop || isCall) {
      const line = tree.source(statement).split("\n")[0]!.slice(0, 60);
      throw new NoTest(
        `Importing the module runs \`${line}\`; put that under \`if __name__ == "__main__":\` first.`,
      );
    }
  }
}

function isHarmless(tree: CompactTree, node: number): boolean {
  return /^(basicConfig|filterwarnings|simplefilter|setdefault|append|register)$/.test(
    lastName(tree.source(tree.child(node, Field.Function))),
  );
}
