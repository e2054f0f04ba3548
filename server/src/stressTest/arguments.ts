// Values for the parameters of functions that a stress test calls, where the code says which ones would do.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { bodyOf, executedNodes, nameOf } from "../fixes/scopes.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { argumentGiven } from "./callSites.ts";

/** Why there can be no stress test, as a sentence. */
export class NoTest extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const callable = "lambda *given: None";

/** By the last part of the name and in small letters, so that those of `typing` are among them. */
const byType: Readonly<Record<string, string>> = {
  int: "1",
  float: "1.0",
  str: '"a"',
  bytes: 'b"a"',
  bool: "True",
  object: "object()",
  any: '"a"',
  hashable: '"a"',
  none: "None",
  list: "[]",
  sequence: "[]",
  iterable: "[]",
  collection: "[]",
  dict: "{}",
  mapping: "{}",
  mutablemapping: "{}",
  set: "set()",
  tuple: "()",
  callable,
};

/** What methods tell of the value that has them: those of texts that nothing else has. */
const textMethods = /^(lower|upper|strip|lstrip|rstrip|split|splitlines|encode|startswith|endswith|title)$/;
/** Calls that take anything that can be a key or an element. */
const takesAnything =
  /\.(get|pop|setdefault|add|remove|discard|append|appendleft|put|put_nowait)$|^(print|str|repr)$/;

/**
 * Python source of the arguments for all parameters without a default.
 * @param skip how many parameters are given already: 1 for `self`
 * @param called what callers call: for `__init__` the name of its class
 * @throws NoTest when neither type, nor calls, nor use tell what a parameter takes
 */
export function argumentsFor(
  tree: CompactTree,
  fn: number,
  skip: number,
  called = nameOf(tree, fn),
): string[] {
  const parameters = tree.childrenOf(fn, Field.Parameters).slice(skip);
  const values: string[] = [];
  let isKeywordOnly = false;
  for (const [position, parameter] of parameters.entries()) {
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
      default: {
        const isTyped = tree.kind(parameter) === Kind.TypedParameter;
        const name = tree.source(isTyped ? tree.firstChild(parameter) : parameter);
        if (name.startsWith("*")) {
          isKeywordOnly ||= !name.startsWith("**");
          continue;
        }
        const value =
          argumentGiven(tree, called, name, isKeywordOnly ? undefined : position) ??
          (isTyped ? valueOfType(tree.source(tree.child(parameter, Field.Type))) : byUse(tree, fn, name));
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

/** A value of an annotated type; of several that are allowed, the first that is known. */
function valueOfType(annotation: string): string | undefined {
  const type = annotation.replace(/^["']|["']$/g, "").trim();
  const inner = /^(?:\w+\.)*(Optional|Union)\[(.*)\]$/s.exec(type);
  if (inner !== null) return valueOfType(inner[1] === "Optional" ? `${inner[2]} | None` : inner[2]!);
  for (const one of type.split(/[|,](?![^[]*\])/)) {
    const name = one.trim().replace(/\[.*/s, "").split(".").at(-1)!.toLowerCase();
    if (Object.hasOwn(byType, name)) return byType[name];
  }
  return undefined;
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
        // What is asked of a container is a key of it; other comparisons say nothing.
        if (/^\w+\s+(not\s+)?in\b/.test(tree.source(parent))) isElement = true;
        else if (!/(==|!=|\bis\b)/.test(tree.source(parent))) return undefined;
        break;
      case Kind.ArgumentList: {
        const callee = tree.source(tree.child(tree.parent(parent), Field.Function));
        if (!takesAnything.test(callee)) return undefined;
        isElement = true;
        break;
      }
      case Kind.Call:
        return callable;
      case Kind.Attribute:
        return textMethods.test(tree.source(tree.child(parent, Field.Attribute))) ? '"a"' : undefined;
      case Kind.Interpolation:
        isElement = true;
        break;
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
