// What loops add up: numbers, and numbers by key, with how a part of the sum is collected and handed over.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit } from "../../fix.ts";
import { lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { isConstant, isPlain } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { freshLocal } from "../text/localNames.ts";

export interface Collecting {
  /** The shared number or container. */
  readonly shared: number;
  readonly start: string;
  /** The statement in the loop, given the part's name; where absent, it is the old one on the part. */
  readonly collect?: (part: string) => string;
  /** Imports for it. */
  readonly edits?: readonly TextEdit[];
  /** What hands the part over, given its name. */
  readonly merge: (part: string, indent: string) => string;
}

/** The sum that a statement adds to; undefined for other statements, and where what is added may be no number. */
export function summedIn(place: Place, statement: number): Collecting | undefined {
  const { tree } = place;
  const only = tree.firstChild(statement);
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  const shared = tree.child(only, Field.Left);
  const right = tree.child(only, Field.Right);
  if (tree.kind(only) === Kind.Assignment) {
    return tree.kind(shared) === Kind.Subscript
      ? gotAndStored(place, shared, right)
      : writtenOut(tree, shared, right);
  }
  if (tree.kind(only) !== Kind.AugmentedAssignment) return undefined;
  if (tree.text.slice(tree.end(shared), tree.start(right)).trim() !== "+=") return undefined;
  if (tree.kind(shared) === Kind.Subscript) return countedByKey(place, shared, right);
  const name = tree.source(shared);
  if (kindOf(tree, name) !== "number") return undefined;
  return { shared, start: "0", merge: (part) => `${name} += ${part}` };
}

/** `total = total + x` */
function writtenOut(tree: CompactTree, shared: number, right: number): Collecting | undefined {
  const name = tree.source(shared);
  if (tree.kind(right) !== Kind.BinaryOperator) return undefined;
  const [first, second] = [tree.child(right, Field.Left), tree.child(right, Field.Right)];
  const isSum = tree.text.slice(tree.end(first), tree.start(second)).trim() === "+";
  if (!isSum || tree.source(first) !== name || !isPlainName(name) || !isNumber(tree, name)) return undefined;
  const value = tree.source(second);
  if (new RegExp(`(^|[^.\\w])${name.replaceAll(".", "\\.")}\\b`).test(value)) return undefined;
  return {
    shared,
    start: "0",
    collect: (part) => `${part} += ${value}`,
    merge: (part) => `${name} += ${part}`,
  };
}

const isPlainName = (name: string) => /^[\w.]+$/.test(name);

/** The updates that are looked at are assignments themselves: what they add does not make the name another kind. */
function isNumber(tree: CompactTree, name: string): boolean {
  let numbers = 0;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    if (lastName(tree.source(tree.child(node, Field.Left))) !== lastName(name)) continue;
    const value = tree.source(tree.child(node, Field.Right));
    if (/^-?[\d._]+$/.test(value)) numbers += 1;
    else if (!value.startsWith(`${name} + `)) return false;
  }
  return numbers > 0;
}

/** `counts[key] += 1`, where the mapping counts already or its keys are there. */
function countedByKey(place: Place, shared: number, right: number): Collecting | undefined {
  const { tree } = place;
  const owner = tree.source(tree.child(shared, Field.Value));
  const key = tree.child(shared, Field.Subscript);
  const counts = isCounter(tree, owner);
  if (!isPlainName(owner) || !(counts || kindOf(tree, owner) === "dict")) return undefined;
  const isCount = tree.kind(right) === Kind.Integer;
  if (!isCount && !counts) return undefined;
  const name = tree.source(shared);
  if (isConstant(tree, key)) return { shared, start: "0", merge: (part) => `${name} += ${part}` };
  if (!isPlain(tree, key)) return undefined;
  return byKey(place, shared, tree.source(right), (each, amount) => `${owner}[${each}] += ${amount}`);
}

/** `counts[key] = counts.get(key, 0) + 1` */
function gotAndStored(place: Place, shared: number, right: number): Collecting | undefined {
  const { tree } = place;
  const [owner, key] = [tree.child(shared, Field.Value), tree.child(shared, Field.Subscript)];
  if (tree.kind(right) !== Kind.BinaryOperator || !isPlain(tree, key)) return undefined;
  const [first, second] = [tree.child(right, Field.Left), tree.child(right, Field.Right)];
  const isSum = tree.text.slice(tree.end(first), tree.start(second)).trim() === "+";
  const name = tree.source(owner);
  const got = `${name}.get(${tree.source(key)}, 0)`;
  if (!isSum || tree.source(first) !== got || !isPlainName(name)) return undefined;
  if (kindOf(tree, name) !== "dict" && !isCounter(tree, name)) return undefined;
  const amountAdded = tree.source(second);
  if (/\n/.test(amountAdded) || amountAdded.includes(name)) return undefined;
  return byKey(
    place,
    shared,
    amountAdded,
    (each, amount) => `${name}[${each}] = ${name}.get(${each}, 0) + ${amount}`,
  );
}

/** @param store what gives the shared mapping the amount of one key */
function byKey(
  place: Place,
  shared: number,
  added: string,
  store: (key: string, amount: string) => string,
): Collecting | undefined {
  const { tree, source } = place;
  const member = moduleMember(source, "collections", "Counter");
  if (member === undefined) return undefined;
  const [key, amount] = [freshLocal(tree, "key", shared), freshLocal(tree, "count", shared)];
  const { eol, unit } = source;
  return {
    shared,
    start: `${member.expression}()`,
    edits: member.edits,
    collect: (part) => `${part}[${tree.source(tree.child(shared, Field.Subscript))}] += ${added}`,
    merge: (part, indent) =>
      `for ${key}, ${amount} in ${part}.items():${eol}${indent}${unit}${store(key, amount)}`,
  };
}

/** Every assignment to the name makes a `Counter` or a `defaultdict(int)`. */
function isCounter(tree: CompactTree, owner: string): boolean {
  let made = 0;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    if (lastName(tree.source(tree.child(node, Field.Left))) !== lastName(owner)) continue;
    const value = tree.source(tree.child(node, Field.Right));
    if (!/^(collections\.)?(Counter\(.*\)|defaultdict\(int\))$/s.test(value)) return false;
    made += 1;
  }
  return made > 0;
}
