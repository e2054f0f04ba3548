// What a statement reads that other threads may change: what it has to be given as local names once it runs without
// the lock.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal } from "../../fix.ts";
import {
  binds,
  bindsLocally,
  executedNodes,
  functionAround,
  isTarget,
  lastName,
  nameOf,
  parametersOf,
} from "../../scopes.ts";

/** How the data that a name or attribute path stands for behaves while nobody holds the lock. */
export type Sharing = "own" | "settled" | "container" | "changing" | "method";

/** The names and attribute paths that run with a statement, each whole: `self.on_change`, `name`. */
export function pathsIn(tree: CompactTree, roots: readonly number[]): number[] {
  const found: number[] = [];
  let skipTo = 0;
  for (const node of executedNodes(tree, roots)) {
    if (node < skipTo) continue;
    const kind = tree.kind(node);
    if (kind === Kind.Attribute && /^[\w.]+$/.test(tree.source(node))) {
      found.push(node);
      skipTo = tree.subtreeEnd(node);
    } else if (kind === Kind.Identifier && isRead(tree, node)) found.push(node);
  }
  return found;
}

function isRead(tree: CompactTree, node: number): boolean {
  const parent = tree.kind(tree.parent(node));
  if (parent === Kind.Attribute) return tree.field(node) !== Field.Attribute;
  return !(parent === Kind.KeywordArgument && tree.field(node) === Field.Name);
}

/**
 * `own`: a local name, or part of an object that only this call knows by name. `settled`: given its value once, before
 * threads see it. `container`: settled, and changed in place. `method`: a function of the object or the file.
 * `changing`: all else.
 */
export function sharingOf(tree: CompactTree, path: number): Sharing {
  const [root, first] = tree.source(path).split(".") as [string, string | undefined];
  const fn = functionAround(tree, path);
  const self = isMethod(tree, fn) ? parametersOf(tree, fn)[0] : undefined;
  if (root === self) return first === undefined ? "own" : attributeSharing(tree, fn, root, first);
  for (let at = fn; at > 0; at = functionAround(tree, at)) {
    if (bindsLocally(tree, at, root) && !declaresGlobal(tree, at, root)) return "own";
  }
  if (isDefined(tree, root)) return "method";
  if (!binds(tree, tree.children(0), root)) return "settled"; // a builtin
  if (isRebound(tree, root)) return "changing";
  return isContainer(tree, root) ? "container" : "settled";
}

function attributeSharing(tree: CompactTree, fn: number, self: string, name: string): Sharing {
  let [isMade, isChanged] = [false, false];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.FunctionDefinition && nameOf(tree, node) === name && isMethod(tree, node))
      return "method";
    if (tree.kind(node) !== Kind.Attribute || tree.source(tree.child(node, Field.Attribute)) !== name)
      continue;
    if (!isTarget(tree, node)) continue;
    const where = functionAround(tree, node);
    const isInit = where !== 0 && tree.kind(where) === Kind.FunctionDefinition && where !== fn;
    if (isInit && nameOf(tree, where) === "__init__" && tree.source(node) === `${self}.${name}`)
      isMade = true;
    else isChanged = true;
  }
  if (isChanged || !isMade) return "changing";
  return isContainer(tree, name) ? "container" : "settled";
}

const safeObjects =
  /(^|\.)(getLogger|Event|Thread|Timer|Barrier|R?Lock|Condition|(Bounded)?Semaphore|(Simple|Lifo|Priority)?Queue|\w*PoolExecutor|local|ContextVar)$/;

/** Whether it may be made to something whose users need the lock: all but what looks after itself, and what is given. */
function isContainer(tree: CompactTree, name: string): boolean {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const value = tree.child(node, Field.Right);
    if (value === 0 || lastName(tree.source(tree.child(node, Field.Left))) !== name) continue;
    const isCall = tree.kind(value) === Kind.Call;
    if (isCall && safeObjects.test(tree.source(tree.child(value, Field.Function)))) continue;
    if (isCall || !given.has(tree.kind(value))) return true;
  }
  return false;
}

/** Values that are no new objects, or none that change. */
const given = new Set<Kind>([
  Kind.Identifier,
  Kind.Attribute,
  Kind.Lambda,
  Kind.String,
  Kind.Integer,
  Kind.Float,
  Kind.True,
  Kind.False,
  Kind.None,
]);

export function isMethod(tree: CompactTree, fn: number): boolean {
  if (fn === 0 || tree.kind(fn) !== Kind.FunctionDefinition) return false;
  let at = tree.parent(fn);
  if (tree.kind(at) === Kind.DecoratedDefinition) at = tree.parent(at);
  return tree.kind(at) === Kind.Block && tree.kind(tree.parent(at)) === Kind.ClassDefinition;
}

function isDefined(tree: CompactTree, name: string): boolean {
  return tree.children(0).some((statement) => {
    const kind = tree.kind(statement);
    const definition =
      kind === Kind.DecoratedDefinition ? tree.child(statement, Field.Definition) : statement;
    return tree.kind(definition) === Kind.FunctionDefinition && nameOf(tree, definition) === name;
  });
}

/** Whether the function says of the name that it belongs to a scope around. */
export function declaresGlobal(tree: CompactTree, fn: number, name: string): boolean {
  return [...executedNodes(tree, tree.childrenOf(fn, Field.Body))].some(
    (node) =>
      (tree.kind(node) === Kind.GlobalStatement || tree.kind(node) === Kind.NonlocalStatement) &&
      tree.children(node).some((n) => tree.source(n) === name),
  );
}

/** Whether a function of the file gives the global another value. */
function isRebound(tree: CompactTree, name: string): boolean {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.GlobalStatement) continue;
    if (tree.children(node).some((n) => tree.source(n) === name)) return true;
  }
  return false;
}

/** Ends the fix where the statements give shared data another value: that belongs under the lock. */
export function refuseChanges(tree: CompactTree, statements: readonly number[], fn: number): void {
  for (const node of executedNodes(tree, statements)) {
    if (!isTarget(tree, node)) continue;
    const isLocal =
      tree.kind(node) === Kind.Identifier && fn !== 0 && !declaresGlobal(tree, fn, tree.source(node));
    const isPart = tree.kind(tree.parent(node)) === Kind.Attribute || isIndexed(tree, node);
    if (!isLocal && !isPart)
      throw new Refusal(`\`${tree.source(node)}\` is changed there, which needs the lock.`);
  }
}

/** The container or key of an element that is stored to: the element itself is looked at. */
function isIndexed(tree: CompactTree, node: number): boolean {
  return tree.kind(tree.parent(node)) === Kind.Subscript;
}
