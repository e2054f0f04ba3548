// Where a file calls one of its functions: what it hands over, and which public function gets there.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { functionAround, nameOf } from "../fixes/scopes.ts";
import type { CompactTree } from "../syntax/compactTree.ts";

const constants: ReadonlySet<Kind> = new Set([Kind.Integer, Kind.Float, Kind.True, Kind.False]);
/** Words; nothing that could be a path or a host, which a test must not touch. */
const words = /^(["'])[\w -]{0,40}\1$/;

/**
 * A literal that some call in the file gives for a parameter, as it is written there: in the call itself, or behind
 * the function where it is handed to a thread or a pool. Texts only if they are plain words.
 * @param called what the function is called as: for `__init__` the name of its class
 * @param position among the parameters that callers give; undefined for those given by name only
 */
export function argumentGiven(
  tree: CompactTree,
  called: string,
  parameter: string,
  position: number | undefined,
): string | undefined {
  for (const mention of mentionsOf(tree, called)) {
    for (const given of argumentsAt(tree, mention)) {
      const named = given.find(
        (one) =>
          tree.kind(one) === Kind.KeywordArgument && tree.source(tree.child(one, Field.Name)) === parameter,
      );
      const value = named === undefined ? given[position ?? -1] : tree.child(named, Field.Value);
      if (value !== undefined && isPlain(tree, value)) return tree.source(value);
    }
  }
  return undefined;
}

function isPlain(tree: CompactTree, value: number): boolean {
  const kind = tree.kind(value);
  return constants.has(kind) || (kind === Kind.String && words.test(tree.source(value)));
}

/** Functions of the file that call `fn`, from the first to the last. */
export function callersOf(tree: CompactTree, fn: number): number[] {
  const callers = mentionsOf(tree, nameOf(tree, fn)).flatMap((mention) => {
    const isCalled = tree.kind(tree.parent(mention)) === Kind.Call && tree.field(mention) === Field.Function;
    const around = functionAround(tree, mention);
    return isCalled && around !== 0 && around !== fn ? [around] : [];
  });
  return [...new Set(callers)];
}

/** `name` or `object.name` wherever a function's name is used. */
function mentionsOf(tree: CompactTree, name: string): number[] {
  const found: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== name) continue;
    if (tree.kind(tree.parent(node)) === Kind.FunctionDefinition) continue;
    const isAttribute = tree.field(node) === Field.Attribute;
    found.push(isAttribute ? tree.parent(node) : node);
  }
  return found;
}

/** The lists of arguments that the function gets where it is mentioned. */
function argumentsAt(tree: CompactTree, mention: number): number[][] {
  const parent = tree.parent(mention);
  if (tree.kind(parent) === Kind.Call && tree.field(mention) === Field.Function) {
    return [listOf(tree, parent)];
  }
  const isKeyword = tree.kind(parent) === Kind.KeywordArgument;
  const list = isKeyword ? tree.parent(parent) : parent;
  if (tree.kind(list) !== Kind.ArgumentList) return [];
  const all = listOf(tree, tree.parent(list));
  // `Thread(target=work, args=(1,))`
  const args = all.find(
    (one) => tree.kind(one) === Kind.KeywordArgument && tree.source(tree.child(one, Field.Name)) === "args",
  );
  const tuple = args === undefined ? 0 : tree.child(args, Field.Value);
  // `pool.submit(work, 1)`
  const behind = isKeyword ? [] : all.slice(all.indexOf(mention) + 1);
  return [behind, tuple === 0 ? [] : tree.children(tuple)];
}

function listOf(tree: CompactTree, call: number): number[] {
  return tree.childrenOf(call, Field.Arguments);
}
