// Calls that hand on what a function was called with.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { bare, isConstant, isPlain } from "../text/expressions.ts";

/** What formatters allow on a line by default. */
const widest = 88;

/**
 * The arguments by which a function hands all of its own to one with the same parameters; undefined where a default
 * would be made twice, once for each of them.
 * @param isBound whether the first parameter is the object or the class
 */
export function forwarded(tree: CompactTree, fn: number, isBound: boolean): string[] | undefined {
  const args: string[] = [];
  let isKeywordOnly = false;
  for (const parameter of tree.childrenOf(fn, Field.Parameters)) {
    const kind = tree.kind(parameter);
    if (kind === Kind.PositionalSeparator) continue;
    if (kind === Kind.KeywordSeparator) {
      isKeywordOnly = true;
      continue;
    }
    const value = tree.child(parameter, Field.Value);
    if (value !== 0 && !isSameTwice(tree, value)) return undefined;
    const named = kind === Kind.TypedParameter ? tree.firstChild(parameter) : parameter;
    const name = tree.source(tree.child(named, Field.Name) || named);
    if (name.startsWith("**")) args.push(name);
    else if (name.startsWith("*")) {
      args.push(name);
      isKeywordOnly = true;
    } else args.push(isKeywordOnly ? `${name}=${name}` : name);
  }
  return isBound ? args.slice(1) : args;
}

function isSameTwice(tree: CompactTree, value: number): boolean {
  const node = bare(tree, value);
  const operand = tree.kind(node) === Kind.UnaryOperator ? tree.child(node, Field.Argument) : node;
  return isConstant(tree, operand) || isPlain(tree, operand);
}

/** A call in the layout of formatters: on one line, with the arguments on a line of their own, or each on its own. */
export function callOf(
  head: string,
  callee: string,
  args: readonly string[],
  unit: string,
  eol: string,
): string {
  const flat = `${head}${callee}(${args.join(", ")})`;
  if (flat.length <= widest || args.length === 0) return flat;
  const indent = /^\s*/.exec(head)![0];
  const inner = `${indent}${unit}${args.join(", ")}`;
  const lines = inner.length <= widest ? [inner] : args.map((arg) => `${indent}${unit}${arg},`);
  return [`${head}${callee}(`, ...lines, `${indent})`].join(eol);
}
