// Every use of a module's global in its file, for rewrites that change what the name stands for.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { functionAround, isTarget, parametersOf } from "../../scopes.ts";
import { isVariable, mentionsOf } from "../text/expressions.ts";

export interface GlobalUses {
  /** The one assignment at the top of the module that makes it, and its value. */
  readonly made: number;
  readonly value: number;
  /** Assignments `name = value` in functions that declare it `global`. */
  readonly stores: readonly number[];
  /** Identifiers that read it. */
  readonly reads: readonly number[];
  /** The names in `global` statements. */
  readonly declared: readonly number[];
}

/**
 * Undefined where the name is made twice or by something else than a plain assignment, is changed in another way, means a
 * local variable somewhere in the file, or stands in a string (`__all__`, `globals()["name"]`).
 */
export function usesOfGlobal(tree: CompactTree, name: string): GlobalUses | undefined {
  const mentions = mentionsOf(tree, name);
  if (mentions === undefined || isParameter(tree, name)) return undefined;
  let made = 0;
  const stores: number[] = [];
  const reads: number[] = [];
  const declared: number[] = [];
  for (const node of mentions) {
    if (!isVariable(tree, node)) continue;
    const parent = tree.parent(node);
    if (tree.kind(parent) === Kind.GlobalStatement) declared.push(node);
    else if (!isTarget(tree, node)) reads.push(node);
    else if (!isWholeTarget(tree, node)) return undefined;
    else if (tree.parent(tree.parent(parent)) === 0) {
      if (made !== 0) return undefined;
      made = parent;
    } else stores.push(parent);
  }
  const value = made === 0 ? 0 : tree.child(made, Field.Right);
  if (value === 0 || tree.child(made, Field.Type) !== 0) return undefined;
  const declaring = new Set(declared.map((node) => functionAround(tree, node)));
  if (stores.some((store) => !declaring.has(functionAround(tree, store)))) return undefined;
  return { made, value, stores, reads, declared };
}

/** Whether a function of the file calls one of its parameters so. */
function isParameter(tree: CompactTree, name: string): boolean {
  for (let node = 1; node < tree.count; node += 1) {
    const kind = tree.kind(node);
    const isFunction = kind === Kind.Lambda || kind === Kind.FunctionDefinition;
    if (isFunction && parametersOf(tree, node).includes(name)) return true;
  }
  return false;
}

/** The whole left side of a statement `name = value` with one target. */
function isWholeTarget(tree: CompactTree, node: number): boolean {
  const assignment = tree.parent(node);
  return (
    tree.kind(assignment) === Kind.Assignment &&
    tree.field(node) === Field.Left &&
    tree.kind(tree.parent(assignment)) === Kind.ExpressionStatement &&
    tree.kind(tree.child(assignment, Field.Right)) !== Kind.Assignment
  );
}
