// What shows that objects of a class are copied or pickled, which a lock in them would not stand.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { GuardRequest } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { LocalCalls } from "../hazards/reentrance.ts";
import { relatedClasses } from "../lock/names.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { assignedIn, bodyOf, definitionIn, executedNodes, lastName, nameOf } from "../scopes.ts";
import { forbidsCopies, isInherited, isPickledByCall, isRebuilt, isRemade } from "./rebuilt.ts";

export interface CopyEvidence {
  readonly way: "copy" | "deepcopy" | "pickle";
  /** For a reader, in front of "copies such objects". */
  readonly words: string;
  /** The call, where it stands in the class's file; 0 elsewhere, and where a method shows it. */
  readonly call: number;
}

/** A method of a class by which it decides what copies and pickles of its objects have in them. */
export interface CopyMethod {
  readonly name: string;
  readonly cls: number;
  /** The definition; 0 for names that are given another function's, as in `__copy__ = copy`. */
  readonly method: number;
}

const ownWays = /^__(getstate|setstate|reduce|reduce_ex|copy|deepcopy)__$/;

/**
 * The calls and methods by which objects of the class are seen to be copied.
 * @param owner the class that is to have the lock, in the tree of its file
 */
export function copyEvidence(
  tree: CompactTree,
  path: string,
  owner: number,
  { copies = [] }: Pick<GuardRequest, "copies">,
): CopyEvidence[] {
  const isByCall = isPickledByCall(tree, owner);
  const evidence: CopyEvidence[] = isByCall
    ? []
    : copies.map(({ words, way, path: from, start }) => ({
        words,
        way,
        call: from === path ? callAt(tree, start) : 0,
      }));
  // Relatives whose pickles hold a call tell of such objects, too, which have no such method.
  const shown = isByCall
    ? copyMethods(tree, owner)
    : waysOf(tree, owner).filter(
        ({ method }) => method === 0 || (!forbidsCopies(tree, method) && !isRemade(tree, method)),
      );
  for (const { name, cls } of shown) {
    evidence.push({
      way: "pickle",
      words: `\`${nameOf(tree, cls)}.${name}\` shows that the program`,
      call: 0,
    });
  }
  for (const cls of isByCall ? [] : relatedClasses(tree, owner)) evidence.push(...copiedWhole(tree, cls));
  const along = isByCall ? undefined : copiedAlong(tree, owner);
  return along === undefined ? evidence : [...evidence, along];
}

/** Those of the class's family that a lock needs a place in: not what makes copies by a call, or allows none. */
export function copyMethods(tree: CompactTree, owner: number): CopyMethod[] {
  return waysOf(tree, owner).filter(
    ({ cls, method }) =>
      method === 0 ||
      (!forbidsCopies(tree, method) && !isRemade(tree, method) && !isRebuilt(tree, cls, method)),
  );
}

function waysOf(tree: CompactTree, owner: number): CopyMethod[] {
  return relatedClasses(tree, owner).flatMap((cls) =>
    bodyOf(tree, cls).flatMap((statement) => {
      const method = definitionIn(tree, statement);
      const isFunction = method !== 0 && tree.kind(method) === Kind.FunctionDefinition;
      const name = isFunction ? nameOf(tree, method) : (assignedIn(tree, statement) ?? "");
      return ownWays.test(name) ? [{ name, cls, method: isFunction ? method : 0 }] : [];
    }),
  );
}

/** Whether methods of the one class are those of the other's objects. */
export function isOfFamily(tree: CompactTree, owner: number, cls: number): boolean {
  return isInherited(tree, owner, cls) || isInherited(tree, cls, owner);
}

/** `copy(self)` shares the lock between two objects, `deepcopy(self)` fails on it. */
function copiedWhole(tree: CompactTree, cls: number): CopyEvidence[] {
  const found: CopyEvidence[] = [];
  for (let node = cls; node < tree.subtreeEnd(cls); node += 1) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.source(tree.child(node, Field.Function));
    const copied = tree.childrenOf(node, Field.Arguments)[0];
    const isItself = copied !== undefined && tree.source(copied) === "self";
    if (!isItself || !/^(copy\.)?(copy|deepcopy)$/.test(callee)) continue;
    const way = callee.endsWith("deepcopy") ? "deepcopy" : "copy";
    found.push({ way, words: `\`${callee}(self)\``, call: node });
  }
  return found;
}

/** `member.archive = self` in the class that owns the data, and `deepcopy(self)` in the class of such members. */
function copiedAlong(tree: CompactTree, owner: number): CopyEvidence | undefined {
  const reference = referenceTo(tree, owner);
  if (reference === undefined) return undefined;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.source(tree.child(node, Field.Function));
    const copied = tree.childrenOf(node, Field.Arguments)[0];
    const cls = classAround(tree, node);
    const isItself = copied !== undefined && tree.source(copied) === "self";
    if (!/^(copy\.)?deepcopy$/.test(callee) || !isItself || cls <= 0) continue;
    const words = `\`${callee}(self)\` in \`${nameOf(tree, cls)}\`, by way of its \`${reference}\`,`;
    return { way: "deepcopy", words, call: node };
  }
  return undefined;
}

/** Where a method of the class hands the object itself to another one: `member.archive`. */
function referenceTo(tree: CompactTree, owner: number): string | undefined {
  for (let node = owner; node < tree.subtreeEnd(owner); node += 1) {
    if (tree.kind(node) !== Kind.Assignment || tree.source(tree.child(node, Field.Right)) !== "self")
      continue;
    const left = tree.child(node, Field.Left);
    if (tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Object)) !== "self") {
      return tree.source(left);
    }
  }
  return undefined;
}

function classAround(tree: CompactTree, node: number): number {
  let at = tree.parent(node);
  while (at > 0 && tree.kind(at) !== Kind.ClassDefinition) at = tree.parent(at);
  return at;
}

function callAt(tree: CompactTree, start: number): number {
  let at = tree.enclosing(start, start + 1);
  while (at > 0 && !(tree.kind(at) === Kind.Call && tree.start(at) === start)) at = tree.parent(at);
  return Math.max(0, at);
}

/** Whether code copies or pickles anything, by itself or in functions of its file. */
export function copiesObjects(code: readonly GuardedCode[]): boolean {
  return code.some(({ source: { tree }, region }) => {
    const copies = (statements: readonly number[]) =>
      [...executedNodes(tree, statements)].some((node) => {
        if (tree.kind(node) !== Kind.Call || tree.childrenOf(node, Field.Arguments).length === 0)
          return false;
        const callee = lastName(tree.source(tree.child(node, Field.Function)));
        return /^(copy|deepcopy|dump|dumps|__reduce_ex__)$/.test(callee);
      });
    if (copies(region.statements)) return true;
    return new LocalCalls(tree).reaches(region, (fn) => copies(bodyOf(tree, fn))) !== undefined;
  });
}
