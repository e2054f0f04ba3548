// What a display or a constant makes, as far as its syntax alone tells.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { Binding } from "./facts.ts";

type LiteralKind = Extract<
  Binding["value"],
  "none" | "bool" | "int" | "number" | "str" | "tuple" | "list" | "dict" | "set" | "generator" | "lambda"
>;

/** The kind of object that a literal, a comprehension or a lambda makes; undefined for all other expressions. */
export function literalKind(tree: CompactTree, value: number): LiteralKind | undefined {
  switch (tree.kind(value)) {
    case Kind.None:
      return "none";
    case Kind.True:
    case Kind.False:
      return "bool";
    case Kind.Integer:
      return "int";
    case Kind.Float:
      return "number";
    case Kind.String:
    case Kind.ConcatenatedString:
      return "str";
    case Kind.Tuple:
    case Kind.ExpressionList:
      return "tuple";
    case Kind.List:
    case Kind.ListComprehension:
      return "list";
    case Kind.Dictionary:
    case Kind.DictionaryComprehension:
      return "dict";
    case Kind.Set:
    case Kind.SetComprehension:
      return "set";
    case Kind.GeneratorExpression:
      return "generator";
    case Kind.Lambda:
      return "lambda";
    default:
      return undefined;
  }
}
