// Questions about functions, classes and names that several fixes ask of a tree.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";

/** The innermost function or lambda around a node; 0, the module, when there is none. */
export function functionAround(tree: CompactTree, node: number): number {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition || tree.kind(at) === Kind.Lambda) return at;
  }
  return 0;
}

/** The definition whose name stands at this offset. */
export function definitionNamedAt(tree: CompactTree, offset: number): number | undefined {
  const name = tree.enclosing(offset, offset + 1);
  const definition = tree.parent(name);
  return definition > 0 && tree.child(definition, Field.Name) === name ? definition : undefined;
}

/** The statements of a function's or class's body. */
export function bodyOf(tree: CompactTree, definition: number): number[] {
  return tree.childrenOf(definition, Field.Body);
}

export function nameOf(tree: CompactTree, definition: number): string {
  return tree.source(tree.child(definition, Field.Name));
}

/** How an attribute is called in `__dict__`: the names of private ones have that of their class in front. */
export function keyInDict(cls: string, name: string): string {
  const isPrivate = /^__/.test(name) && !/__$/.test(name);
  return isPrivate ? `_${cls.replace(/^_+/, "")}${name}` : name;
}

/** The definition itself, for a statement that may be decorated; 0 for other statements. */
export function definitionIn(tree: CompactTree, statement: number): number {
  const kind = tree.kind(statement);
  if (kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition) return statement;
  return kind === Kind.DecoratedDefinition ? tree.child(statement, Field.Definition) : 0;
}

/** Source texts of the decorators of a definition, without `@` and arguments. */
export function decoratorsOf(tree: CompactTree, definition: number): { name: string; source: string }[] {
  const parent = tree.parent(definition);
  if (parent < 0 || tree.kind(parent) !== Kind.DecoratedDefinition) return [];
  return tree
    .children(parent)
    .filter((child) => tree.kind(child) === Kind.Decorator)
    .map((child) => {
      const source = tree.source(child).slice(1).trim();
      return { name: source.replace(/\(.*/s, "").trim(), source };
    });
}

/** Source texts of a class's bases, without keywords such as `metaclass=`. */
export function basesOf(tree: CompactTree, cls: number): string[] {
  return tree
    .childrenOf(cls, Field.Superclasses)
    .filter((base) => tree.kind(base) !== Kind.KeywordArgument)
    .map((base) => tree.source(base));
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** The first statement is a string alone. */
export function isDocstring(tree: CompactTree, statement: number | undefined): boolean {
  if (statement === undefined || tree.kind(statement) !== Kind.ExpressionStatement) return false;
  const [only, ...more] = tree.children(statement);
  if (only === undefined || more.length > 0) return false;
  return tree.kind(only) === Kind.String || tree.kind(only) === Kind.ConcatenatedString;
}

/** Nodes that run when the given ones run: all below them but the bodies of functions defined there. */
export function* executedNodes(tree: CompactTree, roots: readonly number[]): Iterable<number> {
  for (const root of roots) {
    const end = tree.subtreeEnd(root);
    for (let node = root; node < end; ) {
      const kind = tree.kind(node);
      yield node;
      const isFunction = kind === Kind.FunctionDefinition || kind === Kind.Lambda;
      node = isFunction ? tree.subtreeEnd(node) : node + 1;
    }
  }
}

/** Whether running these statements binds the name in the scope they stand in. */
export function binds(tree: CompactTree, statements: readonly number[], name: string): boolean {
  for (const node of executedNodes(tree, statements)) {
    const kind = tree.kind(node);
    if (kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition) {
      if (nameOf(tree, node) === name) return true;
    } else if (kind === Kind.Identifier && tree.source(node) === name && isBound(tree, node)) return true;
  }
  return false;
}

/** Whether a function binds the name as parameter or local variable. */
export function bindsLocally(tree: CompactTree, fn: number, name: string): boolean {
  if (parametersOf(tree, fn).includes(name)) return true;
  return tree.kind(fn) === Kind.FunctionDefinition && binds(tree, bodyOf(tree, fn), name);
}

/** Names of all parameters, without stars, annotations and defaults. */
export function parametersOf(tree: CompactTree, fn: number): string[] {
  return tree.childrenOf(fn, Field.Parameters).flatMap((parameter) => {
    for (let at = parameter; at !== 0; at = tree.child(at, Field.Name) || tree.firstChild(at)) {
      if (tree.kind(at) === Kind.Identifier) return [tree.source(at)];
    }
    return [];
  });
}

/** Comprehensions have names of their own, and `global` names somebody else's. */
function isBound(tree: CompactTree, identifier: number): boolean {
  const binding = bindingOf(tree, identifier);
  const kind = tree.kind(binding);
  const isElsewhere =
    kind === Kind.ForInClause || kind === Kind.GlobalStatement || kind === Kind.NonlocalStatement;
  return binding !== 0 && !isElsewhere;
}

/**
 * What gives a value to a name, an attribute or an element, or takes one from it: an assignment, a loop, a `with`, a `del`, a
 * definition, an import, or a `global` that says whose name it is; 0 where the node is only read.
 */
export function bindingOf(tree: CompactTree, node: number): number {
  const kind = tree.kind(node);
  if (kind !== Kind.Identifier && kind !== Kind.Attribute && kind !== Kind.Subscript) return 0;
  let child = node;
  for (let at = tree.parent(node); at > 0; child = at, at = tree.parent(at)) {
    switch (tree.kind(at)) {
      case Kind.Assignment:
      case Kind.AugmentedAssignment:
      case Kind.ForStatement:
      case Kind.ForInClause:
        return tree.field(child) === Field.Left ? at : 0;
      case Kind.NamedExpression:
        return tree.field(child) === Field.Name ? at : 0;
      case Kind.FunctionDefinition:
      case Kind.ClassDefinition:
        return tree.field(child) === Field.Name ? at : 0;
      case Kind.AsPatternTarget:
      case Kind.DeleteStatement:
      case Kind.GlobalStatement:
      case Kind.NonlocalStatement:
      case Kind.ImportStatement:
      case Kind.ImportFromStatement:
      case Kind.CasePattern:
        return at;
      case Kind.PatternList:
      case Kind.TuplePattern:
      case Kind.ListPattern:
      case Kind.ListSplatPattern:
      case Kind.Tuple:
      case Kind.List:
      case Kind.ExpressionList:
      case Kind.ParenthesizedExpression:
      case Kind.DottedName:
      case Kind.AliasedImport:
        continue;
      default:
        return 0;
    }
  }
  return 0;
}

/** Whether something gives the node a value, takes one from it, or says whose name it is. */
export function isTarget(tree: CompactTree, node: number): boolean {
  return bindingOf(tree, node) !== 0;
}

/** The statements at the head of a module: docstring and `__future__` imports. */
export function headOf(tree: CompactTree): number[] {
  const statements = tree.children(0);
  const head: number[] = [];
  for (const statement of statements) {
    const isHead =
      tree.kind(statement) === Kind.FutureImportStatement ||
      (head.length === 0 && isDocstring(tree, statement));
    if (!isHead) break;
    head.push(statement);
  }
  return head;
}

/** The name that a plain or annotated assignment statement binds. */
export function assignedIn(tree: CompactTree, statement: number): string | undefined {
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  const assignment = tree.firstChild(statement);
  if (assignment === 0 || tree.kind(assignment) !== Kind.Assignment) return undefined;
  return tree.source(tree.child(assignment, Field.Left));
}
