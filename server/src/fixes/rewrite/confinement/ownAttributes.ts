// Attributes that nobody but the methods of their class uses, as far as the file tells.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import {
  basesOf,
  bodyOf,
  decoratorsOf,
  definitionIn,
  functionAround,
  isDocstring,
  isTarget,
  lastName,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import type { Place } from "../place.ts";
import { mentionsOf } from "../text/expressions.ts";

export interface AttributeUses {
  /** The assignment that makes it, `self.x = …` in `__init__` or `x = …` in the body of the class, and its value. */
  readonly made: number;
  readonly value: number;
  readonly isOfClass: boolean;
  /** Attributes that are stored to by `self.x = …` elsewhere, and those that are read. */
  readonly stored: readonly number[];
  readonly read: readonly number[];
}

/** Undefined where the attribute is used in a way that cannot be told to be this object's. */
export function usesOfAttribute(tree: CompactTree, cls: number, name: string): AttributeUses | undefined {
  const makings: number[] = [];
  const stored: number[] = [];
  const read: number[] = [];
  const mentions = mentionsOf(tree, name);
  if (mentions === undefined) return undefined;
  for (const whole of mentions) {
    if (isOfAnother(tree, whole, cls)) continue;
    const assignment = plainAssignment(tree, whole);
    if (tree.kind(whole) !== Kind.Attribute) {
      if (assignment === 0 || !bodyOf(tree, cls).includes(tree.parent(assignment))) return undefined;
      makings.push(assignment);
      continue;
    }
    if (classAround(tree, whole) !== cls || !isOwn(tree, whole)) return undefined;
    if (!isTarget(tree, whole)) read.push(whole);
    else if (assignment === 0) return undefined;
    else if (nameOf(tree, functionAround(tree, whole)) === "__init__") makings.push(assignment);
    else stored.push(whole);
  }
  const [made, another] = makings;
  if (made === undefined || another !== undefined) return undefined;
  const isOfClass = tree.kind(tree.child(made, Field.Left)) === Kind.Identifier;
  return { made, value: tree.child(made, Field.Right), isOfClass, stored, read };
}

/** A local variable of the name, or the attribute of an object that is known to be of another class of the file. */
function isOfAnother(tree: CompactTree, whole: number, cls: number): boolean {
  const isKeyword =
    tree.kind(tree.parent(whole)) === Kind.KeywordArgument && tree.field(whole) === Field.Name;
  if (tree.kind(whole) !== Kind.Attribute) return functionAround(tree, whole) !== 0 && !isKeyword;
  const around = classAround(tree, whole);
  if (around !== 0 && around !== cls && isOwn(tree, whole)) return !isRelated(tree, around, cls);
  const made = globalMadeBy(tree, tree.source(tree.child(whole, Field.Object)));
  return made !== 0 && made !== cls && !isRelated(tree, made, cls);
}

/** Bases other than these may have bases in common, or be each other's. */
function isRelated(tree: CompactTree, one: number, other: number): boolean {
  return [one, other].some(
    (cls) => !basesOf(tree, cls).every((base) => /^(object|local|ABC)$/.test(lastName(base))),
  );
}

/** The class of the file whose call is what the module's global was made by, once and for all, or 0. */
function globalMadeBy(tree: CompactTree, name: string): number {
  let made = 0;
  for (const node of mentionsOf(tree, name) ?? []) {
    if (tree.kind(node) !== Kind.Identifier || !isTarget(tree, node)) continue;
    const assignment = plainAssignment(tree, node);
    if (assignment === 0 || made !== 0 || tree.parent(tree.parent(assignment)) !== 0) return 0;
    made = assignment;
  }
  const call = made === 0 ? 0 : tree.child(made, Field.Right);
  if (call === 0 || tree.kind(call) !== Kind.Call) return 0;
  const callee = tree.source(tree.child(call, Field.Function));
  const definitions = tree.children(0).map((statement) => definitionIn(tree, statement));
  return definitions.find((d) => tree.kind(d) === Kind.ClassDefinition && nameOf(tree, d) === callee) ?? 0;
}

/** The assignment statement without annotation that has this as its one target, or 0. */
function plainAssignment(tree: CompactTree, target: number): number {
  const assignment = tree.parent(target);
  const isAlone =
    tree.kind(assignment) === Kind.Assignment &&
    tree.field(target) === Field.Left &&
    tree.child(assignment, Field.Type) === 0 &&
    tree.kind(tree.parent(assignment)) === Kind.ExpressionStatement;
  return isAlone && tree.child(assignment, Field.Right) !== 0 ? assignment : 0;
}

/** Whether it is an attribute of the method's own object. */
export function isOwn(tree: CompactTree, attribute: number): boolean {
  const fn = functionAround(tree, attribute);
  const self = fn === 0 ? undefined : parametersOf(tree, fn)[0];
  return self !== undefined && tree.source(tree.child(attribute, Field.Object)) === self;
}

export function classAround(tree: CompactTree, node: number): number {
  for (let at = functionAround(tree, node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.ClassDefinition) return at;
  }
  return 0;
}

/** Its objects may have one more attribute, and nobody copies or pickles them, as far as the file tells. */
export function isPlainClass(tree: CompactTree, cls: number): boolean {
  if (/\b(pickle|deepcopy|__reduce\w*__|__getstate__|copy\.copy)\b/.test(tree.text)) return false;
  return decoratorsOf(tree, cls).length === 0 && !/\b__slots__\b/.test(tree.source(cls));
}

/**
 * What its `__init__` calls the object, and the statement in front of which a line may go. Undefined when there is none,
 * or a subclass of the file does not call it.
 */
export function initOf({ tree, source }: Place, cls: number): { self: string; first: number } | undefined {
  const init = methodNamed(tree, cls, "__init__");
  const self = init === 0 ? undefined : parametersOf(tree, init)[0];
  if (self === undefined) return undefined;
  const [statement, next] = bodyOf(tree, init);
  const first = isDocstring(tree, statement) ? next : statement;
  if (first === undefined || !source.isFirstOnLine(tree.start(first))) return undefined;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.ClassDefinition || node === cls) continue;
    if (!basesOf(tree, node).some((base) => lastName(base) === nameOf(tree, cls))) continue;
    const own = methodNamed(tree, node, "__init__");
    if (own !== 0 && !/\.__init__\(/.test(tree.source(own))) return undefined;
  }
  return { self, first };
}

function methodNamed(tree: CompactTree, cls: number, name: string): number {
  const methods = bodyOf(tree, cls).map((statement) => definitionIn(tree, statement));
  return (
    methods.find(
      (node) => node !== 0 && tree.kind(node) === Kind.FunctionDefinition && nameOf(tree, node) === name,
    ) ?? 0
  );
}
