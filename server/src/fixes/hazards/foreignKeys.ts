// Keys that the users of a container bring: looking for one calls their `__hash__` and `__eq__`, which may come back.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { Region } from "../region/codeUnderLock.ts";
import { basesOf, bodyOf, definitionIn, executedNodes, lastName, nameOf, parametersOf } from "../scopes.ts";

const containers =
  /^(dict|set|list|OrderedDict|defaultdict|Counter|UserDict|UserList|Mapping|MutableMapping|Set|MutableSet|Sequence|MutableSequence|Collection|Container)$/;

const lookingUp = /^__(getitem|setitem|delitem|contains)__$/;

/**
 * Whether a container's method looks for what its caller handed it while the region runs.
 * The standard library's `functools.lru_cache` takes an RLock for this reason.
 */
export function comparesForeignKeys(tree: CompactTree, region: Region): boolean {
  const first = region.statements[0]!;
  const method = around(tree, first, Kind.FunctionDefinition);
  if (method === 0 || !isContainer(tree, around(tree, method, Kind.ClassDefinition))) return false;
  const brought = new Set(parametersOf(tree, method).slice(1));
  const isBrought = (node: number) => tree.kind(node) === Kind.Identifier && brought.has(tree.source(node));
  for (const node of executedNodes(tree, region.statements)) {
    switch (tree.kind(node)) {
      case Kind.Subscript:
        if (tree.childrenOf(node, Field.Subscript).some(isBrought)) return true;
        break;
      case Kind.ComparisonOperator:
        if (tree.children(node).some(isBrought)) return true;
        break;
      case Kind.Call:
        if (tree.childrenOf(node, Field.Arguments).some(isBrought)) return true;
    }
  }
  return false;
}

/** The innermost definition of this kind around a node; 0 when there is none. */
function around(tree: CompactTree, node: number, kind: number): number {
  let at = tree.parent(node);
  while (at > 0 && tree.kind(at) !== kind) at = tree.parent(at);
  return Math.max(at, 0);
}

function isContainer(tree: CompactTree, cls: number): boolean {
  if (cls === 0) return false;
  const isDerived = basesOf(tree, cls).some((base) => containers.test(lastName(base.replace(/\[.*/s, ""))));
  const methods = bodyOf(tree, cls).map((statement) => definitionIn(tree, statement));
  return isDerived || methods.some((method) => method !== 0 && lookingUp.test(nameOf(tree, method)));
}
