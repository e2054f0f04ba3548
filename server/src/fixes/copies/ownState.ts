// `__getstate__` and `__setstate__` that a class has: a place in them for its lock, where they are plain enough.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { isLight } from "../region/reach.ts";
import { wrapInWith } from "../region/region.ts";
import { bodyOf, executedNodes, isDocstring, keyInDict, nameOf, parametersOf } from "../scopes.ts";
import type { Source } from "../source.ts";

/** The new lock of the class whose methods are changed. */
export interface LeftOutLock {
  readonly name: string;
  /** What makes it: `threading.Lock()`. */
  readonly made: string;
  /** What is to run under it. */
  readonly code: readonly GuardedCode[];
  /** Attributes whose content changes under it, so that a pickle must have a copy of theirs. */
  readonly containers: readonly string[];
}

/** What a state consists of: `__dict__` with all that is in it, entries by name, or something of its own. */
export type StateKind = "whole" | "entries" | "other";

/** Reads the state under the lock, and leaves the lock out of it. */
export function extendedGetState(
  source: Source,
  method: number,
  lock: LeftOutLock,
): { edits: TextEdit[]; state: StateKind } {
  const { tree } = source;
  const [self] = parametersOf(tree, method);
  const body = bodyOf(tree, method).filter((statement) => !isDocstring(tree, statement));
  if (self === undefined || lock.code.some(({ region }) => isWithin(tree, region.block, method)))
    throw ownWay(tree, method);
  const [only] = body;
  if (only !== undefined && body.length === 1 && tree.kind(only) === Kind.ReturnStatement) {
    const value = tree.firstChild(only);
    if (mentionsDictOf(tree, value, self)) return wholeReturned(source, method, only, self, lock);
    return entriesReturned(source, method, only, self, lock);
  }
  const made = body.findIndex((statement) => mentionsDictOf(tree, statement, self));
  const name = made < 0 ? undefined : nameGiven(tree, body[made]!);
  const value = made < 0 ? 0 : tree.child(tree.firstChild(body[made]!), Field.Right);
  const returned = returnedIn(tree, method).map((node) => tree.source(node));
  if (name === undefined || !isFresh(tree, value, self) || returned.some((text) => text !== name))
    throw ownWay(tree, method);
  if (body.slice(made + 1).some((statement) => mentionsDictOf(tree, statement, self)))
    throw ownWay(tree, method);
  const statement = body[made]!;
  const indent = source.indentAt(tree.start(statement));
  const unit = source.unitOf(tree.parent(statement)) ?? source.unit;
  const lines = [
    ...contentOf(tree, value, self, name, lock).map((line) => unit + line),
    without(tree, value, name, lock),
  ];
  const edits = [
    ...wrapInWith(source, { block: tree.parent(statement), statements: [statement] }, `${self}.${lock.name}`),
    source.lineAfter(statement, lines.join(source.eol + indent)),
  ];
  return { edits, state: "whole" };
}

/** `return self.__dict__.copy()` gets a name for what it returns. */
function wholeReturned(
  source: Source,
  method: number,
  statement: number,
  self: string,
  lock: LeftOutLock,
): { edits: TextEdit[]; state: StateKind } {
  const { tree, eol } = source;
  const value = tree.firstChild(statement);
  const isItself = tree.source(value) === `${self}.__dict__`;
  const ownsLine = source.isFirstOnLine(tree.start(statement));
  if (!ownsLine || (!isItself && !isFresh(tree, value, self))) throw ownWay(tree, method);
  const indent = source.indentAt(tree.start(statement));
  const unit = source.unitOf(tree.parent(statement)) ?? source.unit;
  const written = tree.source(value).replaceAll(/\n/g, `\n${unit}`);
  const lines = [
    `with ${self}.${lock.name}:`,
    `${indent}${unit}state = ${isItself ? `${written}.copy()` : written}`,
    ...contentOf(tree, value, self, "state", lock).map((line) => indent + unit + line),
    `${indent}${without(tree, value, "state", lock)}`,
    `${indent}return state`,
  ];
  return {
    edits: [source.replace(tree.start(statement), tree.end(statement), lines.join(eol))],
    state: "whole",
  };
}

/** `return {"n": self.n}` has no lock in it; it has to be read under the lock, with copies of what changes. */
function entriesReturned(
  source: Source,
  method: number,
  statement: number,
  self: string,
  lock: LeftOutLock,
): { edits: TextEdit[]; state: StateKind } {
  const { tree } = source;
  const value = tree.firstChild(statement);
  const kind = tree.kind(value);
  const isEntries = kind === Kind.Dictionary;
  if ((!isEntries && kind !== Kind.Tuple && kind !== Kind.ExpressionList) || !isLight(tree, statement))
    throw ownWay(tree, method);
  const copies: TextEdit[] = [];
  for (let node = value; node < tree.subtreeEnd(value); node += 1) {
    if (tree.kind(node) !== Kind.Attribute) continue;
    const isGuarded = lock.containers.some((one) => tree.source(node) === `${self}.${one}`);
    const parent = tree.kind(tree.parent(node));
    const isHandedOn = parent === Kind.Pair || parent === Kind.Tuple || parent === Kind.ExpressionList;
    if (isGuarded && isHandedOn) copies.push(source.insert(tree.end(node), ".copy()"));
  }
  const region = { block: tree.parent(statement), statements: [statement] };
  return {
    edits: [...wrapInWith(source, region, `${self}.${lock.name}`), ...copies],
    state: isEntries ? "entries" : "other",
  };
}

/** Makes the lock anew in a `__setstate__`, before anything in it that may want the lock. */
export function extendedSetState(source: Source, method: number, lock: LeftOutLock): TextEdit[] {
  const { tree } = source;
  const [self, state] = parametersOf(tree, method);
  const body = bodyOf(tree, method);
  const text = tree.source(method);
  if (self === undefined || state === undefined) throw ownWay(tree, method);
  if (new RegExp(`\\b${self}\\.__init__\\(`).test(text)) return [];
  const line = `${self}.${lock.name} = ${lock.made}`;
  const filling = body.find((statement) => {
    const written = tree.source(statement);
    return [
      `${self}.__dict__.update(${state})`,
      `vars(${self}).update(${state})`,
      `${self}.__dict__ = ${state}`,
    ].includes(written);
  });
  if (filling !== undefined) return [source.lineAfter(filling, line)];
  if (/\b(__dict__|vars|super)\b/.test(text)) throw ownWay(tree, method);
  const [first, second] = body;
  if (!isDocstring(tree, first)) return [source.lineBefore(first!, line)];
  return [second === undefined ? source.lineAfter(first!, line) : source.lineBefore(second, line)];
}

/** Whether the method of a derived class leaves it to the one above what becomes of the lock. */
export function leavesToBase(tree: CompactTree, method: number): boolean {
  return new RegExp(`\\bsuper\\(.*\\)\\.${nameOf(tree, method)}\\(`).test(tree.source(method));
}

function ownWay(tree: CompactTree, method: number): Refusal {
  return new Refusal(
    `\`${nameOf(tree, method)}\` decides what copies of such objects consist of; a lock needs a place in it.`,
  );
}

/** What changes under the lock has to be copied under it, or it would be read when the lock is free again. */
function contentOf(
  tree: CompactTree,
  value: number,
  self: string,
  state: string,
  { containers }: LeftOutLock,
): string[] {
  let cls = value;
  while (tree.kind(cls) !== Kind.ClassDefinition) cls = tree.parent(cls);
  return containers.map((name) => {
    if (tree.kind(value) === Kind.DictionaryComprehension)
      throw new Refusal(`The state may have \`${name}\` in it, which has to be copied under the lock.`);
    return `${state}["${keyInDict(nameOf(tree, cls), name)}"] = ${self}.${name}.copy()`;
  });
}

/** A dictionary of its own, made from that of the object. */
function isFresh(tree: CompactTree, value: number, self: string): boolean {
  const own = `(${self}\\.__dict__|vars\\(${self}\\))`;
  const kind = tree.kind(value);
  const isDisplay = kind === Kind.Dictionary || kind === Kind.DictionaryComprehension;
  return (
    isDisplay ||
    new RegExp(`^(${own}\\.copy\\(\\)|(dict|copy|copy\\.copy)\\(${own}\\))$`).test(tree.source(value))
  );
}

/** The line that takes the lock out; a comprehension may have left it out already. */
function without(tree: CompactTree, value: number, state: string, { name }: LeftOutLock): string {
  const isFiltered = tree.kind(value) === Kind.DictionaryComprehension;
  return isFiltered ? `${state}.pop("${name}", None)` : `del ${state}["${name}"]`;
}

function mentionsDictOf(tree: CompactTree, node: number, self: string): boolean {
  return new RegExp(`\\b(${self}\\.__dict__|vars\\(${self}\\))`).test(tree.source(node));
}

/** The name in `name = …`. */
function nameGiven(tree: CompactTree, statement: number): string | undefined {
  const assignment = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
  const left = tree.kind(assignment) === Kind.Assignment ? tree.child(assignment, Field.Left) : 0;
  return tree.kind(left) === Kind.Identifier ? tree.source(left) : undefined;
}

function returnedIn(tree: CompactTree, method: number): number[] {
  return [...executedNodes(tree, bodyOf(tree, method))]
    .filter((node) => tree.kind(node) === Kind.ReturnStatement)
    .map((node) => tree.firstChild(node));
}

function isWithin(tree: CompactTree, node: number, ancestor: number): boolean {
  return node > ancestor && node < tree.subtreeEnd(ancestor);
}
