// Values for the parameters of functions that a stress test calls, where the code says which ones would do.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { bodyOf, executedNodes, nameOf } from "../fixes/scopes.ts";
import type { CompactTree } from "../syntax/compactTree.ts";

/** Why there can be no stress test, as a sentence. */
export class NoTest extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const byType: Readonly<Record<string, string>> = {
  int: "1",
  float: "1.0",
  str: '"a"',
  bytes: 'b"a"',
  bool: "True",
  object: "object()",
  list: "[]",
  dict: "{}",
  set: "set()",
  tuple: "()",
};

/**
 * Python source of the arguments for all parameters without a default.
 * @param skip how many parameters are given already: 1 for `self`
 * @throws NoTest when a parameter's type is not known
 */
export function argumentsFor(tree: CompactTree, fn: number, skip: number): string[] {
  const parameters = tree.childrenOf(fn, Field.Parameters).slice(skip);
  const values: string[] = [];
  let isKeywordOnly = false;
  for (const parameter of parameters) {
    switch (tree.kind(parameter)) {
      case Kind.DefaultParameter:
      case Kind.TypedDefaultParameter:
      case Kind.DictionarySplatPattern:
      case Kind.PositionalSeparator:
        continue;
      case Kind.ListSplatPattern:
      case Kind.KeywordSeparator:
        isKeywordOnly = true;
        continue;
      case Kind.TypedParameter: {
        const name = tree.source(tree.firstChild(parameter));
        if (name.startsWith("*")) {
          isKeywordOnly ||= !name.startsWith("**");
          continue;
        }
        const type = tree.source(tree.child(parameter, Field.Type)).replace(/\[.*/s, "");
        const value = Object.hasOwn(byType, type) ? byType[type]! : undefined;
        if (value === undefined) throw unknown(tree, fn, name);
        values.push(isKeywordOnly ? `${name}=${value}` : value);
        continue;
      }
      default: {
        const name = tree.source(parameter);
        const value = byUse(tree, fn, name);
        if (value === undefined) throw unknown(tree, fn, name);
        values.push(isKeywordOnly ? `${name}=${value}` : value);
      }
    }
  }
  return values;
}

function unknown(tree: CompactTree, fn: number, parameter: string): NoTest {
  return new NoTest(
    `\`${nameOf(tree, fn)}\` needs a value for \`${parameter}\`, and nothing says of which type.`,
  );
}

/** A key where it is looked up or stored, a number where it is added; undefined where its use does not tell. */
function byUse(tree: CompactTree, fn: number, name: string): string | undefined {
  let isElement = false;
  let isUsed = false;
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== name) continue;
    const parent = tree.parent(node);
    isUsed = true;
    switch (tree.kind(parent)) {
      case Kind.Subscript:
        if (tree.field(node) !== Field.Subscript) return undefined;
        isElement = true;
        break;
      case Kind.ComparisonOperator:
        if (!/^\w+\s+(not\s+)?in\b/.test(tree.source(parent))) return undefined;
        isElement = true;
        break;
      case Kind.ArgumentList: {
        const callee = tree.source(tree.child(tree.parent(parent), Field.Function));
        if (!/\.(get|pop|setdefault|add|remove|discard|append|put|put_nowait)$|^print$/.test(callee))
          return undefined;
        isElement = true;
        break;
      }
      case Kind.AugmentedAssignment:
      case Kind.BinaryOperator:
        return "1";
      case Kind.Assignment:
      case Kind.ReturnStatement:
        if (tree.field(node) === Field.Left) return undefined;
        isElement = true;
        break;
      default:
        return undefined;
    }
  }
  return isElement || !isUsed ? '"a"' : undefined;
}
