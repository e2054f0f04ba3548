// Code under a lock that the file does not know: locks taken by a name for one of many, and functions handed in.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal } from "../fix.ts";
import type { Region } from "../region/codeUnderLock.ts";
import { isLight, isReport } from "../region/reach.ts";
import { bindsLocally, executedNodes, functionAround, lastName, parametersOf } from "../scopes.ts";

const lockName = /(^|_)(r?lock|mutex|semaphore|sem|condition|cond)s?\d*$/i;

/** `with key_lock:`: who holds it already and then asks for the new lock waits for whoever does it in this order. */
export function refuseUnknownLocks(tree: CompactTree, region: Region, lock: string): void {
  const fn = functionAround(tree, region.statements[0]!);
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) !== Kind.WithItem) continue;
    const taken = tree.child(node, Field.Value) || tree.firstChild(node);
    if (tree.source(taken) !== lock && isOneOfMany(tree, taken, fn)) {
      throw new Refusal(
        `\`${tree.source(taken)}\` is taken in between; a thread that holds it already and needs this lock would wait for ever.`,
      );
    }
  }
}

/** A lock whose identity only shows when the program runs: a local name, an entry, what a function returns. */
function isOneOfMany(tree: CompactTree, taken: number, fn: number): boolean {
  switch (tree.kind(taken)) {
    case Kind.Identifier:
      return lockName.test(tree.source(taken)) && fn !== 0 && bindsLocally(tree, fn, tree.source(taken));
    case Kind.Subscript:
      return lockName.test(lastName(tree.source(tree.child(taken, Field.Value))));
    case Kind.Call:
      return /(^|_)lock(_for|_of)?$/.test(lastName(tree.source(tree.child(taken, Field.Function))));
    default:
      return false;
  }
}

/** The call of a function that the caller has handed in, if there is one: it runs as long as it likes. */
export function callOfParameter(tree: CompactTree, region: Region): string | undefined {
  const fn = functionAround(tree, region.statements[0]!);
  if (fn === 0 || tree.kind(fn) !== Kind.FunctionDefinition) return undefined;
  const handed = new Set(parametersOf(tree, fn).filter((name) => !/^(self|cls|type)$/.test(name)));
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.child(node, Field.Function);
    if (tree.kind(callee) === Kind.Identifier && handed.has(tree.source(callee))) {
      return `${tree.source(callee)}()`;
    }
  }
  return undefined;
}

/**
 * Whether the rest of the code, behind the accesses themselves, calls methods of objects that may know this one, or hands
 * it out: `if not self._gone:`, `self._gone = True`, `workbench().tell("gone", self)`.
 * @param from the end of the last access
 */
export function leadsOutBehind(tree: CompactTree, region: Region, from: number): boolean {
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) !== Kind.Call || tree.start(node) < from || isLight(tree, node)) continue;
    const callee = tree.child(node, Field.Function);
    if (tree.kind(callee) !== Kind.Attribute) {
      if (tree.childrenOf(node, Field.Arguments).some((one) => tree.source(one) === "self")) return true;
      continue;
    }
    const object = tree.child(callee, Field.Object);
    const written = tree.source(object);
    // Methods of the object itself are followed, wherever the file has them.
    if (isReport(tree.source(callee)) || /^(self|cls|super\(\))$/.test(written)) continue;
    const [root] = /^\w*/.exec(written)!;
    const isModule = new RegExp(`^[ \\t]*(import|from)\\b.*\\b${root}\\b`, "m").test(tree.text);
    if (tree.kind(object) === Kind.Call || !isModule) return true;
  }
  return false;
}
