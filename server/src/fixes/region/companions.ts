// Variables that make up one state: what code under the lock changes together belongs under it together everywhere.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { GuardRequest, SourceRange } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import {
  bindsLocally,
  bodyOf,
  decoratorsOf,
  executedNodes,
  functionAround,
  isTarget,
  nameOf,
} from "../scopes.ts";
import type { GuardedCode, Region } from "./codeUnderLock.ts";
import { isLight } from "./reach.ts";
import { regionOf } from "./region.ts";

/** What a simple statement changes. */
export interface Change {
  /** The variable or attribute, or the container whose item it is. */
  readonly of: number;
  /** Its next value comes from the present one: `n += 1`, `head = (head + 1) % size`, `counts[k] = counts.get(k, 0) + 1`. */
  readonly isCount: boolean;
  readonly isItem: boolean;
}

/** Undefined for statements that change nothing, or more than one thing. */
export function changeIn(tree: CompactTree, statement: number): Change | undefined {
  const inner = tree.firstChild(statement);
  const isDeletion = tree.kind(statement) === Kind.DeleteStatement;
  if ((tree.kind(statement) !== Kind.ExpressionStatement && !isDeletion) || inner === 0) return undefined;
  const target = isDeletion ? inner : tree.child(inner, Field.Left);
  if (target <= 0) return undefined;
  const isItem = tree.kind(target) === Kind.Subscript;
  const of = isItem ? tree.child(target, Field.Value) : target;
  if (tree.kind(of) !== Kind.Attribute && tree.kind(of) !== Kind.Identifier) return undefined;
  if (isDeletion) return isItem ? { of, isCount: false, isItem } : undefined;
  const value = tree.child(inner, Field.Right);
  const written = tree.source(of);
  const isCount =
    tree.kind(inner) === Kind.AugmentedAssignment ||
    [...executedNodes(tree, value === 0 ? [] : [value])].some((node) => tree.source(node) === written);
  return { of, isCount, isItem };
}

/** Whether both count something, or both change items. */
export function isAlike(a: Change, b: Change): boolean {
  return (a.isCount && b.isCount) || (a.isItem && b.isItem);
}

/** Whether what a neighbouring statement changes is of the same object, or a global as well, without much ado. */
export function isBeside(
  tree: CompactTree,
  statement: number,
  changed: number,
  scope: GuardRequest["scope"],
  receiver: string | undefined,
): boolean {
  return isLight(tree, statement) && isOfSame(tree, changed, scope, receiver);
}

function isOfSame(
  tree: CompactTree,
  node: number,
  scope: GuardRequest["scope"],
  receiver: string | undefined,
): boolean {
  if (scope === "instance") {
    return tree.kind(node) === Kind.Attribute && tree.source(tree.child(node, Field.Object)) === receiver;
  }
  const fn = functionAround(tree, node);
  if (scope !== "module" || fn === 0 || tree.kind(node) !== Kind.Identifier) return false;
  const name = tree.source(node);
  return isDeclared(tree, fn, name) || !bindsLocally(tree, fn, name);
}

function isDeclared(tree: CompactTree, fn: number, name: string): boolean {
  return bodyOf(tree, fn).some(
    (s) => tree.kind(s) === Kind.GlobalStatement && tree.children(s).some((one) => tree.source(one) === name),
  );
}

/** The source texts of what else the region changes of the same object, or of the module. */
export function changedBeside(
  tree: CompactTree,
  { statements }: Region,
  { name, scope }: Pick<GuardRequest, "name" | "scope">,
  receiver: string | undefined,
): Set<string> {
  const own = receiver === undefined || scope === "module" ? name : `${receiver}.${name}`;
  const changed = new Set<string>();
  for (const node of executedNodes(tree, statements)) {
    if (!isTarget(tree, node)) continue;
    const of = tree.kind(node) === Kind.Subscript ? tree.child(node, Field.Value) : node;
    if (tree.source(of) !== own && isOfSame(tree, of, scope, receiver)) changed.add(tree.source(of));
  }
  return changed;
}

/** Whether a statement of little weight changes one of these, or looks at one that the region changes. */
export function belongsTo(
  tree: CompactTree,
  statement: number,
  together: ReadonlySet<string>,
  changedHere: ReadonlySet<string>,
): boolean {
  const change = changeIn(tree, statement);
  if (change !== undefined && together.has(tree.source(change.of))) return isLight(tree, statement);
  const kind = tree.kind(statement);
  const isLook =
    kind === Kind.ExpressionStatement || kind === Kind.ReturnStatement || kind === Kind.IfStatement;
  if (!isLook || !isLight(tree, statement)) return false;
  return [...executedNodes(tree, [statement])].some(
    (node) => changedHere.has(tree.source(node)) && isWord(tree, node),
  );
}

/** Statements elsewhere that look at the data and at what is changed together with it: they expect both of one moment. */
export function lookedAtTogether(
  code: readonly GuardedCode[],
  guard: Pick<GuardRequest, "name" | "scope">,
): GuardedCode[] {
  const [first] = code;
  if (first === undefined || guard.scope !== "instance") return [];
  const { source, site } = first;
  const { tree } = source;
  const cls = classOf(tree, first.fn);
  const changed = code.flatMap((one) => [
    ...changedBeside(one.source.tree, one.region, guard, one.site.receiver),
  ]);
  // What others change without the lock would not be of one moment for all that.
  const together = new Set(changed.filter((one) => isChangedWithin(tree, cls, one, code)));
  if (together.size === 0 || cls === 0 || site.receiver !== "self") return [];
  const found: GuardedCode[] = [];
  for (const definition of bodyOf(tree, cls)) {
    const decorated = tree.kind(definition) === Kind.DecoratedDefinition;
    const method = decorated ? tree.child(definition, Field.Definition) : definition;
    if (tree.kind(method) !== Kind.FunctionDefinition || /^_/.test(nameOf(tree, method))) continue;
    if (decoratorsOf(tree, method).some(({ name }) => name !== "property")) continue;
    if (code.some(({ fn, source: from }) => from === source && fn === method)) continue;
    for (const statement of bodyOf(tree, method)) {
      const access = lookAtBoth(tree, statement, `self.${guard.name}`, together);
      if (access === 0) continue;
      const range = rangeOf(tree, access);
      found.push({
        ...first,
        region: regionOf(tree, tree.start(statement), tree.end(statement)),
        fn: method,
        site: { path: source.path, region: range, access: range, receiver: "self" },
        accesses: [range],
        reachesOut: false,
      });
    }
  }
  return found;
}

/** Whether all that changes an attribute in the class, but for `__init__`, is in the code. */
function isChangedWithin(
  tree: CompactTree,
  cls: number,
  attribute: string,
  code: readonly GuardedCode[],
): boolean {
  for (let node = cls; node < tree.subtreeEnd(cls); node += 1) {
    if (tree.source(node) !== attribute || tree.kind(node) !== Kind.Attribute) continue;
    const parent = tree.parent(node);
    const isItem = tree.kind(parent) === Kind.Subscript && tree.field(node) === Field.Value;
    if (!isTarget(tree, isItem ? parent : node)) continue;
    const fn = functionAround(tree, node);
    const isStart = tree.kind(fn) === Kind.FunctionDefinition && nameOf(tree, fn) === "__init__";
    const isIn = code.some(({ region }) =>
      region.statements.some((statement) => statement <= node && node < tree.subtreeEnd(statement)),
    );
    if (!isStart && !isIn) return false;
  }
  return true;
}

function rangeOf(tree: CompactTree, node: number): SourceRange {
  const [start, end] = [tree.start(node), tree.end(node)];
  const lines = (to: number) => tree.text.slice(0, to).split("\n");
  const [before, within] = [lines(start), lines(end)];
  return {
    start,
    end,
    startLine: before.length - 1,
    startColumn: before.at(-1)!.length,
    endLine: within.length - 1,
    endColumn: within.at(-1)!.length,
  };
}

function lookAtBoth(
  tree: CompactTree,
  statement: number,
  own: string,
  together: ReadonlySet<string>,
): number {
  const kind = tree.kind(statement);
  if (kind !== Kind.ReturnStatement && kind !== Kind.ExpressionStatement) return 0;
  if (!isLight(tree, statement)) return 0;
  const nodes = [...executedNodes(tree, [statement])];
  const isBoth = nodes.some((node) => together.has(tree.source(node)));
  return isBoth ? (nodes.find((node) => tree.source(node) === own) ?? 0) : 0;
}

function classOf(tree: CompactTree, fn: number): number {
  let at = fn;
  while (at > 0 && tree.kind(at) !== Kind.ClassDefinition) at = tree.parent(at);
  return Math.max(0, at);
}

function isWord(tree: CompactTree, node: number): boolean {
  return tree.kind(node) === Kind.Attribute || tree.kind(node) === Kind.Identifier;
}
