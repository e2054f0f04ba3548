// Which scope each name belongs to, by Python's own rules: one linear pass over the tree collects what every
// scope binds, and names are then resolved from the inside out.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";

export type ScopeKind = "module" | "class" | "function" | "comprehension";

export interface Resolution {
  /** `global` for module-level names (builtins among them), `local` for a function's, `class` for a class body's. */
  readonly kind: "global" | "local" | "class";
  /** The scope that binds it. */
  readonly scope: number;
}

const moduleLevel: Resolution = { kind: "global", scope: 0 };

export interface Scope {
  readonly kind: ScopeKind;
  readonly parent: number;
  readonly node: number;
  readonly bound: Set<string>;
  /** Names that it declares to be somebody else's; nearly no scope has any. */
  readonly globals: Set<string> | undefined;
  readonly nonlocals: Set<string> | undefined;
  /** What a name is that this scope binds. */
  readonly own: Resolution;
}

export interface Scopes {
  readonly list: readonly Scope[];
  /** Scope opened by a definition, lambda or comprehension node. */
  readonly opened: ReadonlyMap<number, number>;
}

/** The scope that a node of this kind opens. */
function openedBy(kind: Kind): ScopeKind | undefined {
  switch (kind) {
    case Kind.FunctionDefinition:
    case Kind.Lambda:
      return "function";
    case Kind.ClassDefinition:
      return "class";
    case Kind.ListComprehension:
    case Kind.SetComprehension:
    case Kind.DictionaryComprehension:
    case Kind.GeneratorExpression:
      return "comprehension";
    default:
      return undefined;
  }
}

export function analyseScopes(tree: CompactTree): Scopes {
  const list: MutableScope[] = [scopeOf("module", -1, 0, 0)];
  const opened = new Map<number, number>();
  const open: { scope: number; end: number }[] = [{ scope: 0, end: tree.count }];
  let current = 0;
  let currentEnd = tree.count;
  for (let node = 1; node < tree.count; node += 1) {
    while (node >= currentEnd) {
      open.pop();
      const top = open[open.length - 1]!;
      current = top.scope;
      currentEnd = top.end;
    }
    const kind = tree.kind(node);
    if (kind === Kind.Identifier) {
      bindIdentifier(tree, node, list, current, opened);
      continue;
    }
    const opens = openedBy(kind);
    if (opens !== undefined) {
      opened.set(node, list.length);
      current = list.push(scopeOf(opens, current, node, list.length)) - 1;
      currentEnd = tree.subtreeEnd(node);
      open.push({ scope: current, end: currentEnd });
    }
  }
  return { list, opened };
}

type MutableScope = { -readonly [K in keyof Scope]: Scope[K] };

function scopeOf(kind: ScopeKind, parent: number, node: number, index: number): MutableScope {
  const own: Resolution =
    kind === "module" ? moduleLevel : { kind: kind === "class" ? "class" : "local", scope: index };
  return { kind, parent, node, bound: new Set(), globals: undefined, nonlocals: undefined, own };
}

function bindIdentifier(
  tree: CompactTree,
  node: number,
  list: MutableScope[],
  current: number,
  opened: ReadonlyMap<number, number>,
): void {
  const parent = tree.parent(node);
  const here = list[current]!;
  switch (tree.kind(parent)) {
    case Kind.Attribute:
    case Kind.Call:
    case Kind.ArgumentList:
    case Kind.ExpressionStatement:
    case Kind.BinaryOperator:
    case Kind.Subscript:
      return;
    case Kind.GlobalStatement:
      here.globals ??= new Set();
      here.globals.add(tree.source(node));
      return;
    case Kind.NonlocalStatement:
      here.nonlocals ??= new Set();
      here.nonlocals.add(tree.source(node));
      return;
    case Kind.FunctionDefinition:
    case Kind.ClassDefinition:
      // The name of a definition is bound around it, and the definition has just opened a scope of its own.
      if (tree.field(node) === Field.Name) bind(list, list[opened.get(parent)!]!.parent, tree.source(node));
      return;
    case Kind.DottedName:
      bindDottedName(tree, node, parent, list, current);
      return;
    case Kind.AliasedImport:
      if (tree.field(node) === Field.Alias) bind(list, current, tree.source(node));
      return;
    case Kind.NamedExpression:
      if (tree.field(node) === Field.Name) bind(list, aroundComprehensions(list, current), tree.source(node));
      return;
    default:
      if (isBoundByParent(tree, node)) bind(list, current, tree.source(node));
  }
}

function bind(list: readonly Scope[], scope: number, name: string): void {
  const target = list[scope]!;
  if (target.globals?.has(name)) list[0]!.bound.add(name);
  else target.bound.add(name);
}

function aroundComprehensions(list: readonly Scope[], scope: number): number {
  let at = scope;
  while (list[at]!.kind === "comprehension") at = list[at]!.parent;
  return at;
}

function bindDottedName(
  tree: CompactTree,
  node: number,
  dotted: number,
  list: readonly Scope[],
  scope: number,
): void {
  const statement = tree.parent(dotted);
  const kind = tree.kind(statement);
  const isFirst = tree.firstChild(dotted) === node;
  if (kind === Kind.ImportStatement) {
    if (isFirst) bind(list, scope, tree.source(node));
  } else if (kind === Kind.ImportFromStatement || kind === Kind.FutureImportStatement) {
    if (isFirst && tree.field(dotted) === Field.Name) bind(list, scope, tree.source(node));
  } else if (kind === Kind.CasePattern && isFirst && tree.next(node) === 0) {
    bind(list, scope, tree.source(node)); // a capture pattern
  }
}

/** Whether an identifier stands where Python binds it: targets, parameters, `as` names, loop variables. */
export function isBoundByParent(tree: CompactTree, node: number): boolean {
  let at = node;
  for (;;) {
    const parent = tree.parent(at);
    if (parent < 0) return false;
    switch (tree.kind(parent)) {
      case Kind.PatternList:
      case Kind.TuplePattern:
      case Kind.ListPattern:
      case Kind.AsPatternTarget:
      case Kind.Tuple:
      case Kind.List:
      case Kind.ParenthesizedExpression:
        at = parent;
        continue;
      case Kind.ListSplatPattern:
      case Kind.DictionarySplatPattern:
      case Kind.SplatPattern:
        at = parent;
        continue;
      case Kind.Assignment:
      case Kind.AugmentedAssignment:
      case Kind.ForStatement:
      case Kind.ForInClause:
        return tree.field(at) === Field.Left;
      case Kind.AsPattern:
        return tree.kind(at) === Kind.AsPatternTarget || tree.kind(tree.parent(parent)) === Kind.CasePattern;
      case Kind.Parameters:
      case Kind.LambdaParameters:
        return true;
      case Kind.DefaultParameter:
      case Kind.TypedDefaultParameter:
        return tree.field(at) === Field.Name;
      case Kind.TypedParameter:
        return tree.firstChild(parent) === at;
      case Kind.DeleteStatement:
        return true;
      case Kind.ExpressionList:
        if (tree.kind(tree.parent(parent)) === Kind.DeleteStatement) return true;
        return false;
      case Kind.CasePattern:
        return tree.kind(at) !== Kind.Identifier;
      default:
        return false;
    }
  }
}

/** Resolves a name as seen from a scope. */
export function resolveName(scopes: Scopes, from: number, name: string): Resolution {
  let at = from;
  let innermost = true;
  while (at > 0) {
    const scope = scopes.list[at]!;
    if (scope.globals?.has(name)) return moduleLevel;
    // A class body's names are invisible to the functions inside it.
    const visible = scope.kind !== "class" || innermost;
    if (visible && scope.bound.has(name) && !scope.nonlocals?.has(name)) return scope.own;
    if (scope.kind !== "comprehension") innermost = false;
    at = scope.parent;
  }
  return moduleLevel;
}
