// Classes whose pickles hold a call that makes the object anew: its lock is made anew with it.
import { Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { basesOf, bodyOf, definitionIn, executedNodes, isDocstring, lastName, nameOf } from "../scopes.ts";

/**
 * Whether a method is a `__reduce__` that names a function and its arguments, and no state that the lock would be in;
 * or one that allows no copies at all.
 * @param cls the class whose method it is
 */
export function isRebuilt(tree: CompactTree, cls: number, method: number): boolean {
  const isReduce = /^__reduce(_ex)?__$/.test(nameOf(tree, method));
  return forbidsCopies(tree, method) || (isReduce && returnsCall(tree, cls, method, 3));
}

/** `raise TypeError("cannot pickle …")`: there are no copies that a lock could be in. */
export function forbidsCopies(tree: CompactTree, method: number): boolean {
  if (!/^__(getstate|reduce|reduce_ex|copy|deepcopy)__$/.test(nameOf(tree, method))) return false;
  const body = bodyOf(tree, method).filter((statement) => !isDocstring(tree, statement));
  return body.length === 1 && tree.kind(body[0]!) === Kind.RaiseStatement;
}

/** `__copy__` or `__deepcopy__` by calling the class, which makes the lock as well. */
export function isRemade(tree: CompactTree, method: number): boolean {
  if (!/^__(copy|deepcopy)__$/.test(nameOf(tree, method))) return false;
  const text = tree.source(method);
  if (/\b(__dict__|__new__|__getstate__|vars|super|copyreg|__reduce(_ex)?__)\b|copy\(self\b/.test(text))
    return false;
  const returned = [...executedNodes(tree, bodyOf(tree, method))].filter(
    (node) => tree.kind(node) === Kind.ReturnStatement,
  );
  return returned.length > 0 && /\b(type\(self\)|self\.__class__|[A-Z]\w*)\(/.test(text);
}

/** Whether pickles of such objects, and copies, are made by a call that makes their lock as well. */
export function isPickledByCall(tree: CompactTree, cls: number): boolean {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.ClassDefinition || !isInherited(tree, cls, node)) continue;
    const methods = bodyOf(tree, node).map((statement) => definitionIn(tree, statement));
    const isMethod = (d: number) => d !== 0 && tree.kind(d) === Kind.FunctionDefinition;
    if (methods.some((d) => isMethod(d) && isRebuilt(tree, node, d))) return true;
  }
  return false;
}

/** Whether a class has what the other one defines: it is that class, or is derived from it in this file. */
export function isInherited(tree: CompactTree, cls: number, from: number): boolean {
  const seen = [cls];
  for (let i = 0; i < seen.length; i += 1) {
    if (seen[i] === from) return true;
    const bases = basesOf(tree, seen[i]!).map((base) => lastName(base.replace(/\[.*/s, "")));
    for (let node = 1; node < tree.count; node += 1) {
      if (tree.kind(node) !== Kind.ClassDefinition || seen.includes(node)) continue;
      if (bases.includes(nameOf(tree, node))) seen.push(node);
    }
  }
  return false;
}

function returnsCall(tree: CompactTree, cls: number, method: number, depth: number): boolean {
  if (depth === 0 || /\b(__dict__|__new__|__getstate__|vars|super|copyreg)\b/.test(tree.source(method))) {
    return false;
  }
  const returned: number[] = [];
  for (const node of executedNodes(tree, bodyOf(tree, method))) {
    if (tree.kind(node) === Kind.ReturnStatement) returned.push(tree.firstChild(node));
  }
  return returned.length > 0 && returned.every((value) => isCallToMake(tree, cls, value, depth));
}

/** `(make, (a, b))`, or what another method of the class returns of this kind. */
function isCallToMake(tree: CompactTree, cls: number, value: number, depth: number): boolean {
  switch (tree.kind(value)) {
    case Kind.ParenthesizedExpression:
      return isCallToMake(tree, cls, tree.firstChild(value), depth);
    case Kind.Tuple:
    case Kind.ExpressionList: {
      const [made, args, ...state] = tree.children(value);
      const isStateless = state.every((part) => tree.kind(part) === Kind.None);
      return args !== undefined && isStateless && !bypasses(tree, tree.source(made!));
    }
    case Kind.Call: {
      const name = /^self\.(\w+)\(/.exec(tree.source(value))?.[1];
      const other = bodyOf(tree, cls)
        .map((statement) => definitionIn(tree, statement))
        .find((d) => d !== 0 && tree.kind(d) === Kind.FunctionDefinition && nameOf(tree, d) === name);
      return other !== undefined && returnsCall(tree, cls, other, depth - 1);
    }
    default:
      return false;
  }
}

/** A function of this file that makes objects without `__init__`. */
function bypasses(tree: CompactTree, name: string): boolean {
  const made = tree.children(0).map((statement) => definitionIn(tree, statement));
  return made.some(
    (d) =>
      d !== 0 &&
      tree.kind(d) === Kind.FunctionDefinition &&
      nameOf(tree, d) === name &&
      /\.__new__\(/.test(tree.source(d)),
  );
}
