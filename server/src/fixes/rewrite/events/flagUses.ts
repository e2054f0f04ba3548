// Every use of a flag in its file: a variable, or an attribute of the objects of one class.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import {
  basesOf,
  bindingOf,
  bindsLocally,
  bodyOf,
  decoratorsOf,
  executedNodes,
  functionAround,
  lastName,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import { isVariable, mentionsOf } from "../text/expressions.ts";

export interface Store {
  /** The assignment, and the variable or attribute on its left side. */
  readonly assignment: number;
  readonly flag: number;
  readonly value: boolean;
}

export interface FlagUses {
  /** The assignment that makes it: first in its module, its function, or in `__init__`. */
  readonly made: Store;
  readonly stores: readonly Store[];
  readonly reads: readonly number[];
  /** The names in `global` and `nonlocal` statements. */
  readonly declared: readonly number[];
  /** The class whose objects have it, 0 for variables. */
  readonly cls: number;
}

/**
 * Undefined where the flag is made elsewhere, is given anything but True and False in statements of their own, or may be
 * meant by something else: a string, a keyword of the class, an attribute of an object that is not known.
 */
export function usesOfFlag(tree: CompactTree, flag: number): FlagUses | undefined {
  const isAttribute = tree.kind(flag) === Kind.Attribute;
  if (!isAttribute && tree.kind(flag) !== Kind.Identifier) return undefined;
  const name = tree.source(isAttribute ? tree.child(flag, Field.Attribute) : flag);
  const cls = isAttribute ? classOf(tree, flag) : 0;
  const home = isAttribute ? initOf(tree, cls) : scopeOf(tree, flag, name);
  const mentions = mentionsOf(tree, name);
  if ((isAttribute && home === 0) || mentions === undefined) return undefined;
  const stores: Store[] = [];
  const reads: number[] = [];
  const declared: number[] = [];
  for (const node of mentions) {
    const use = isAttribute ? attributeUse(tree, node, cls) : variableUse(tree, node, home);
    if (use === "unknown") return undefined;
    if (use === "other") continue;
    const binding = bindingOf(tree, use);
    const kind = tree.kind(binding);
    if (binding === 0) {
      const parent = tree.kind(tree.parent(use));
      if (parent === Kind.Attribute || parent === Kind.Call || parent === Kind.Subscript) return undefined;
      reads.push(use);
    } else if (kind === Kind.GlobalStatement || kind === Kind.NonlocalStatement) declared.push(use);
    else {
      const store = storeAt(tree, use, binding);
      if (store === undefined) return undefined;
      stores.push(store);
    }
  }
  const made = stores.find((store) => isAtHome(tree, store.assignment, home));
  if (made === undefined) return undefined;
  // Another value in the same function before the first one, or a second in `__init__`: who knows which one counts.
  const others = stores.filter((store) => store !== made);
  const isFirst = others.every(
    ({ flag: at }) => functionAround(tree, at) !== home || (!isAttribute && at > made.flag),
  );
  return isFirst ? { made, stores: others, reads, declared, cls } : undefined;
}

/** `flag = True` as a statement. */
function storeAt(tree: CompactTree, flag: number, assignment: number): Store | undefined {
  const isAlone =
    tree.kind(assignment) === Kind.Assignment &&
    tree.child(assignment, Field.Left) === flag &&
    tree.kind(tree.parent(assignment)) === Kind.ExpressionStatement;
  const value = isAlone ? tree.source(tree.child(assignment, Field.Right)) : "";
  return value === "True" || value === "False" ? { assignment, flag, value: value === "True" } : undefined;
}

/** A statement of the module or function itself, under no condition. */
function isAtHome(tree: CompactTree, assignment: number, home: number): boolean {
  const block = tree.parent(tree.parent(assignment));
  return home === 0 ? block === 0 : tree.parent(block) === home;
}

type Use = number | "other" | "unknown";

function attributeUse(tree: CompactTree, whole: number, cls: number): Use {
  if (tree.kind(whole) !== Kind.Attribute) {
    // A class attribute or a method of this name.
    return scopeAround(tree, whole) === cls ? "unknown" : "other";
  }
  const owner = classOf(tree, whole);
  if (owner === cls) return whole;
  if (owner === 0) return tree.kind(tree.parent(whole)) === Kind.Call ? "other" : "unknown";
  // The other class may be this one's base, or inherit from it, however indirectly.
  const bases = [...basesOf(tree, owner), ...basesOf(tree, cls)];
  return bases.some((base) => new RegExp(`^\\s*class\\s+${lastName(base)}\\b`, "m").test(tree.text))
    ? "unknown"
    : "other";
}

function variableUse(tree: CompactTree, identifier: number, home: number): Use {
  if (!isVariable(tree, identifier)) return "other";
  const scope = scopeOf(tree, identifier, tree.source(identifier));
  if (scope !== home) return "other";
  return tree.kind(scopeAround(tree, identifier)) === Kind.ClassDefinition ? "unknown" : identifier;
}

/** The innermost function, lambda or class around a node, or 0. */
function scopeAround(tree: CompactTree, node: number): number {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.FunctionDefinition || kind === Kind.Lambda || kind === Kind.ClassDefinition) return at;
  }
  return 0;
}

/** The function to which a name belongs at a node, 0 for the module. */
function scopeOf(tree: CompactTree, node: number, name: string): number {
  for (let fn = functionAround(tree, node); fn !== 0; fn = functionAround(tree, fn)) {
    if (isDeclared(tree, fn, name, Kind.GlobalStatement)) return 0;
    if (isDeclared(tree, fn, name, Kind.NonlocalStatement)) continue;
    if (bindsLocally(tree, fn, name)) return fn;
  }
  return 0;
}

function isDeclared(tree: CompactTree, fn: number, name: string, kind: Kind): boolean {
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) === kind && tree.children(node).some((n) => tree.source(n) === name)) return true;
  }
  return false;
}

/** The class whose method has the object of the attribute as its `self`; inner functions see the same one. */
function classOf(tree: CompactTree, attribute: number): number {
  const object = tree.source(tree.child(attribute, Field.Object));
  for (let fn = functionAround(tree, attribute); fn !== 0; fn = functionAround(tree, fn)) {
    if (!bindsLocally(tree, fn, object)) continue;
    const cls = scopeAround(tree, fn);
    const isOwn =
      tree.kind(cls) === Kind.ClassDefinition &&
      parametersOf(tree, fn)[0] === object &&
      decoratorsOf(tree, fn).every(({ name }) => name !== "staticmethod" && name !== "classmethod");
    return isOwn ? cls : 0;
  }
  return 0;
}

function initOf(tree: CompactTree, cls: number): number {
  const init = bodyOf(tree, cls).find(
    (s) => tree.kind(s) === Kind.FunctionDefinition && nameOf(tree, s) === "__init__",
  );
  return cls === 0 ? 0 : (init ?? 0);
}
