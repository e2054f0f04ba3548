// Which containers change their content under a lock: a pickle made meanwhile would read them when the lock is free again.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { bodyOf, definitionIn, executedNodes, functionAround, isTarget, nameOf } from "../scopes.ts";

const changing =
  /^(append|appendleft|extend|extendleft|insert|add|update|pop|popleft|popitem|remove|discard|clear|setdefault|sort|reverse|rotate|move_to_end)$/;
const containers = /^([[{]|(\w+\.)?(dict|list|set|deque|defaultdict|Counter|OrderedDict|bytearray)\()/;

/**
 * The attributes of the object whose content changes in the code.
 * @param known one that is a container in any case
 */
export function changedContent(code: readonly GuardedCode[], known: string | undefined): string[] {
  const changed = new Set(known === undefined ? [] : [known]);
  for (const {
    source: { tree },
    region,
    site,
  } of code) {
    for (const node of executedNodes(tree, region.statements)) {
      if (tree.kind(node) !== Kind.Attribute || tree.source(tree.child(node, Field.Object)) !== site.receiver)
        continue;
      const name = tree.source(tree.child(node, Field.Attribute));
      const uses = usesOf(tree, node);
      if (isChange(tree, uses)) changed.add(name);
      if (uses.length > 1 && isChange(tree, uses.slice(1)))
        throw new Refusal(
          `What \`${name}\` has in it changes as well; a copy of the object would need copies of all that.`,
        );
    }
  }
  return [...changed];
}

/** Every object of the class has the attributes, as built-in containers that can be copied in one step. */
export function refuseUncopyable(tree: CompactTree, owner: number, names: readonly string[]): void {
  for (const name of names) {
    const values: string[] = [];
    let isInitial = false;
    for (let node = owner; node < tree.subtreeEnd(owner); node += 1) {
      if (tree.kind(node) !== Kind.Assignment) continue;
      const left = tree.child(node, Field.Left);
      const isIt =
        tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Attribute)) === name;
      if (!isIt || isIn(tree, node, "__setstate__")) continue; // there it is what a pickle has
      values.push(tree.source(tree.child(node, Field.Right)));
      isInitial ||= isInInit(tree, owner, node);
    }
    if (!isInitial || !values.every((value) => containers.test(value)))
      throw new Refusal(
        `What \`${name}\` is cannot be told here; a copy of the object made under the lock would need a copy of it.`,
      );
    if (values.some((value) => /^(\w+\.)?defaultdict\((list|dict|set)\b/.test(value)))
      throw new Refusal(
        `What \`${name}\` has in it changes as well; a copy of the object would need copies of all that.`,
      );
  }
}

function isIn(tree: CompactTree, node: number, method: string): boolean {
  const fn = functionAround(tree, node);
  return tree.kind(fn) === Kind.FunctionDefinition && nameOf(tree, fn) === method;
}

/** A statement of `__init__` itself, which no condition keeps from running. */
function isInInit(tree: CompactTree, owner: number, assignment: number): boolean {
  const statement = tree.parent(assignment);
  return bodyOf(tree, owner).some((one) => {
    const method = definitionIn(tree, one);
    if (method === 0 || tree.kind(method) !== Kind.FunctionDefinition) return false;
    return nameOf(tree, method) === "__init__" && bodyOf(tree, method).includes(statement);
  });
}

/** What is done with the value, from the inside out: `[k]`, then `.append()`. */
function usesOf(tree: CompactTree, node: number): number[] {
  const uses: number[] = [];
  for (let at = node; ; ) {
    const parent = tree.parent(at);
    const kind = tree.kind(parent);
    const field = tree.field(at);
    if (kind === Kind.Subscript && field === Field.Value) {
      uses.push(parent);
      at = parent;
    } else if (kind === Kind.Attribute && field === Field.Object) {
      const call = tree.parent(parent);
      if (tree.kind(call) !== Kind.Call || tree.field(parent) !== Field.Function) return uses;
      uses.push(call);
      at = call;
    } else return uses;
  }
}

/** Whether one of the uses changes what it is done to: the first one the container, others what is in it. */
function isChange(tree: CompactTree, uses: readonly number[]): boolean {
  return uses.some((use) => {
    if (tree.kind(use) === Kind.Subscript) return isTarget(tree, use);
    const callee = tree.child(use, Field.Function);
    return changing.test(tree.source(tree.child(callee, Field.Attribute)));
  });
}
