// Which lock suits around all of a function, by what this one file shows of the code that then runs under it.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import { standardLibrary } from "../../../environment/standardLibrary.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { blocksUnder, LocalCalls } from "../../hazards/reentrance.ts";
import type { Region } from "../../region/codeUnderLock.ts";
import { binds, bodyOf, executedNodes, lastName, nameOf, parametersOf } from "../../scopes.ts";

/**
 * `RLock` where the function calls itself, what it was handed, or code that is not known and could come back; the cache
 * runs `__hash__` and `__eq__` of keys of any kind, too.
 */
export function lockKindAround(tree: CompactTree, fn: number): "Lock" | "RLock" {
  if (tree.childrenOf(fn, Field.Parameters).some((parameter) => !isSimpleKey(tree, parameter)))
    return "RLock";
  const functions = reachedFrom(tree, fn);
  return functions.slice(1).includes(fn) || functions.some((one) => callsUnknown(tree, one))
    ? "RLock"
    : "Lock";
}

/** The object or the class, or annotated as something whose comparison runs nobody's code. */
function isSimpleKey(tree: CompactTree, parameter: number): boolean {
  const text = tree.source(parameter);
  if (/^(self|cls|\*|\/)$/.test(text)) return true;
  const type = tree.child(parameter, Field.Type);
  const isOne = tree.kind(tree.firstChild(parameter)) === Kind.Identifier;
  return (
    isOne && type !== 0 && /^(str|int|float|bool|bytes|(pathlib\.)?Path)( \| None)?$/.test(tree.source(type))
  );
}

/** Why a lock around the function would be taken in another order than one that is taken inside. */
export function orderConflict(tree: CompactTree, fn: number): string | undefined {
  const calls = new LocalCalls(tree);
  const taken = new Set(reachedFrom(tree, fn).flatMap((one) => locksIn(tree, one)));
  for (const lock of taken) {
    const holders = { block: 0, statements: blocksUnder(tree, lock) };
    if (calls.reaches(holders, (called) => called === fn) !== undefined)
      return `\`${lock}\` is taken inside, and is held elsewhere when \`${nameOf(tree, fn)}\` is called: two threads could wait for each other.`;
  }
  return undefined;
}

/** The function, and those of the file that it calls, however indirectly; itself again if it comes back. */
function reachedFrom(tree: CompactTree, fn: number): number[] {
  const functions = [fn];
  new LocalCalls(tree).reaches(regionOf(tree, fn), (called) => {
    functions.push(called);
    return false;
  });
  return functions;
}

function regionOf(tree: CompactTree, fn: number): Region {
  return { block: tree.child(fn, Field.Body), statements: bodyOf(tree, fn) };
}

/** Calls of parameters, and of what is imported from anywhere but the standard library. */
function callsUnknown(tree: CompactTree, fn: number): boolean {
  const parameters = parametersOf(tree, fn).filter((name) => name !== "self" && name !== "cls");
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) !== Kind.Call) continue;
    const root = /^\w+/.exec(tree.source(tree.child(node, Field.Function)))?.[0] ?? "";
    if (parameters.includes(root) || isImportedFromElsewhere(tree, root)) return true;
  }
  return false;
}

function isImportedFromElsewhere(tree: CompactTree, name: string): boolean {
  for (let node = 1; node < tree.count; node += 1) {
    const kind = tree.kind(node);
    if (kind !== Kind.ImportStatement && kind !== Kind.ImportFromStatement) continue;
    if (!binds(tree, [node], name)) continue;
    const module = /^(?:from|import)\s+([\w.]+)/.exec(tree.source(node))?.[1] ?? "";
    if (!standardLibrary.has(module.split(".")[0]!)) return true;
  }
  return false;
}

/** Locks that the function takes, as it names them. */
function locksIn(tree: CompactTree, fn: number): string[] {
  const locks: string[] = [];
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) !== Kind.WithItem) continue;
    const value = tree.child(node, Field.Value) || tree.firstChild(node);
    const text = tree.source(value);
    const isPath = tree.kind(value) === Kind.Identifier || tree.kind(value) === Kind.Attribute;
    if (isPath && (/lock|mutex|cond|sem/i.test(lastName(text)) || isMadeLock(tree, lastName(text))))
      locks.push(text);
  }
  return locks;
}

function isMadeLock(tree: CompactTree, name: string): boolean {
  return new RegExp(`\\b${name}\\b[^\\n=]*=[^\\n=]*\\b(R?Lock|Condition|Semaphore|allocate_lock)\\(`).test(
    tree.text,
  );
}
