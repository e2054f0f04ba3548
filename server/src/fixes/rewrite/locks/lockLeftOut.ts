// Objects that are copied or pickled with a lock inside: the lock stays behind, and what comes of it gets a new one.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit, type TextFix } from "../../fix.ts";
import { bodyOf, keyInDict, lastName, nameOf, parametersOf } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { type Attribute, attributesOf, isLock, refuseOtherWays, refuseRemaining } from "./objectState.ts";

/** `__getstate__` without the lock, `__setstate__` with a new one. */
export function lockLeftOut(place: Place): TextFix | undefined {
  const { tree, finding } = place;
  const [making] = finding.related;
  if (tree.kind(place.node) !== Kind.Call || making === undefined || making.path !== finding.path)
    return undefined;
  const cls = classOf(place, tree.enclosing(making.range.start, making.range.end));
  if (cls === 0) return undefined;
  const way = lastName(tree.source(tree.child(place.node, Field.Function)));
  const attributes = attributesOf(place, cls);
  const locks = attributes.filter((one) => isLock(place, one));
  if (locks.length === 0) return undefined;
  const names = [...new Set(locks.map(({ name }) => name))].map((name) => `\`${name}\``);
  const title = `Leave ${names.join(" and ")} out of copies: \`__getstate__\` without it, \`__setstate__\` with a new one (copies no longer wait for each other)`;
  try {
    refuseOtherWays(place, cls);
    refuseRemaining(place, attributes, way);
    const fix = place.fix(title, [methodsFor(place, cls, locks)], false);
    // A copy that shared the lock gets one of its own; the others could not be made at all.
    return way === "copy" ? { ...fix, isPreferred: false } : fix;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return place.refused(title, error.reason);
  }
}

function classOf({ tree }: Place, node: number): number {
  for (let at = node; at > 0; at = tree.parent(at)) if (tree.kind(at) === Kind.ClassDefinition) return at;
  return 0;
}

function methodsFor(place: Place, cls: number, locks: readonly Attribute[]): TextEdit {
  const { tree, source } = place;
  const isField = locks.every(({ method }) => method === 0);
  if (!isField && locks.some(({ method }) => method === 0))
    throw new Refusal(
      "Some locks are fields, others are made in methods; the state has to be put together by hand.",
    );
  const made = isField
    ? locks.map(({ name, value }) => [name, `${tree.source(value)}()`])
    : makingAgain(place, locks);
  const statement = isField ? lastField(place, cls) : statementOf(place, locks[0]!.method);
  if (!source.isFirstOnLine(tree.start(statement)))
    throw new Refusal("The class is laid out in an unusual way.");
  const indent = source.indentAt(tree.start(statement));
  const unit = source.unitOf(tree.parent(statement)) ?? source.unit;
  const inner = indent + unit;
  const lines = [
    `${indent}def __getstate__(self):`,
    `${inner}state = self.__dict__.copy()`,
    ...locks.map(({ name }) => `${inner}del state["${keyInDict(nameOf(tree, cls), name)}"]`),
    `${inner}return state`,
    "",
    `${indent}def __setstate__(self, state):`,
    `${inner}self.__dict__.update(state)`,
    ...made.map(([name, again]) => `${inner}self.${name} = ${again}`),
  ];
  if (lines.some((line) => line.includes("\n"))) throw new Refusal("The lock is made over several lines.");
  return source.insert(source.endOfDefinition(statement), source.eol + source.eol + lines.join(source.eol));
}

/** The locks' names with what makes them, as it is written in a method whose object is `self`. */
function makingAgain({ tree }: Place, locks: readonly Attribute[]): [string, string][] {
  const { method: init } = locks[0]!;
  const self = parametersOf(tree, init)[0]!;
  const known = locks.map((lock) => `${self}.${lock.name}`);
  return locks.map(({ name, value, method }) => {
    const isOnce = locks.filter((other) => other.name === name).length === 1;
    if (!isOnce || !/^__(init|post_init)__$/.test(nameOf(tree, method)))
      throw new Refusal(`\`${name}\` is not made once and for all in \`__init__\`.`);
    const isKnown = tree
      .childrenOf(value, Field.Arguments)
      .every(
        (arg) =>
          known.includes(tree.source(arg)) || /^(\w+\s*=\s*)?(\d+|[\w.]*R?Lock\(\))$/.test(tree.source(arg)),
      );
    if (!isKnown || method !== init)
      throw new Refusal(`What \`${name}\` was made with is not known any more when a copy is made.`);
    return [name, tree.source(value).replaceAll(`${self}.`, "self.")];
  });
}

function statementOf({ tree }: Place, method: number): number {
  const parent = tree.parent(method);
  return tree.kind(parent) === Kind.DecoratedDefinition ? parent : method;
}

/** The last of the lines that make fields, or say what they are. */
function lastField({ tree }: Place, cls: number): number {
  return bodyOf(tree, cls).findLast(
    (statement) => tree.kind(tree.firstChild(statement)) === Kind.Assignment,
  )!;
}
