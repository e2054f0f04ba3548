// A lock for a variable that inner functions share: a variable of the same function.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import {
  bindsLocally,
  bodyOf,
  definitionNamedAt,
  executedNodes,
  functionAround,
  isDocstring,
  nameOf,
} from "../scopes.ts";
import type { LockOrder, NewLock } from "./lockChoice.ts";
import { isCompound, makesLock } from "./moduleLock.ts";
import { unusedName } from "./names.ts";

export function closureLock(order: LockOrder): NewLock {
  const { source, guard, cls, code } = order;
  const { tree } = source;
  const owner = guard.home === undefined ? undefined : definitionNamedAt(tree, guard.home.start);
  if (owner === undefined || tree.kind(owner) !== Kind.FunctionDefinition) {
    throw new Refusal("The function that owns the variable has no place for a lock.");
  }
  for (const { fn, region } of code) {
    // The owner's own code may stand before the lock is made.
    if (fn === owner && tree.start(region.statements[0]!) < firstUse(tree, owner, guard.name))
      throw new Refusal("The variable is made in this code.");
  }
  for (let fn = owner; fn > 0; fn = functionAround(tree, fn)) {
    if (tree.kind(fn) === Kind.FunctionDefinition && bindsLocally(tree, fn, cls.root)) {
      throw new Refusal(`\`${cls.root}\` is a local name in \`${nameOf(tree, fn)}\`.`);
    }
  }
  if (bodyOf(tree, owner).some((s) => makesLock(tree, s, order.name))) {
    return { nameAt: () => order.name, edits: [], isKnown: true };
  }
  const name = unusedName([tree], order.name);
  return {
    nameAt: () => name,
    edits: [lineForVariable(order, owner, `${name} = ${cls.expression}()`)],
    isKnown: false,
  };
}

function lineForVariable({ source, guard }: LockOrder, owner: number, line: string): TextEdit {
  const { tree } = source;
  const body = bodyOf(tree, owner);
  const home = body.find((s) => !isDefinition(tree, s) && mentionsName(tree, s, guard.name));
  if (home === undefined) return lineAtStart(source, body, line);
  const isDeclared = tree.kind(home) === Kind.NonlocalStatement || tree.kind(home) === Kind.GlobalStatement;
  const isParameter =
    tree.end(tree.child(owner, Field.Parameters)) > 0 && isParameterOf(tree, owner, guard.name);
  if (isParameter || isDeclared) return lineAtStart(source, body, line);
  return isCompound(tree, home) ? source.lineBefore(home, line) : source.lineAfter(home, line);
}

function lineAtStart(source: LockOrder["source"], body: readonly number[], line: string): TextEdit {
  const { tree } = source;
  const [first, second] = body;
  if (isDocstring(tree, first)) {
    return second === undefined ? source.lineAfter(first!, line) : source.lineBefore(second, line);
  }
  return source.lineBefore(first!, line);
}

function isParameterOf(tree: CompactTree, owner: number, name: string): boolean {
  const parameters = tree.child(owner, Field.Parameters);
  for (let n = parameters; n < tree.subtreeEnd(parameters); n += 1) {
    if (tree.kind(n) === Kind.Identifier && tree.source(n) === name) return true;
  }
  return false;
}

function firstUse(tree: CompactTree, owner: number, name: string): number {
  const home = bodyOf(tree, owner).find((s) => !isDefinition(tree, s) && mentionsName(tree, s, name));
  return home === undefined ? 0 : tree.end(home);
}

function isDefinition(tree: CompactTree, statement: number): boolean {
  const kind = tree.kind(statement);
  return kind === Kind.FunctionDefinition || kind === Kind.DecoratedDefinition;
}

function mentionsName(tree: CompactTree, statement: number, name: string): boolean {
  for (const node of executedNodes(tree, [statement])) {
    if (tree.kind(node) === Kind.Identifier && tree.source(node) === name) return true;
  }
  return false;
}
