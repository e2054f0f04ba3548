// Private attributes that are set for the time of a call only: each thread keeps its own, in a `threading.local`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import {
  bodyOf,
  decoratorsOf,
  executedNodes,
  functionAround,
  isTarget,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isConstant, mentionsOf } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { freshName } from "../text/localNames.ts";

interface Uses {
  /** `self._x = constant` in `__init__`, and its value. */
  readonly made: number;
  readonly value: number;
  /** Attributes that are stored to by `self._x = …` elsewhere, and those that are read. */
  readonly stored: readonly number[];
  readonly read: readonly number[];
}

/** `self._depth` becomes `self._local.depth`, read with `getattr` and the value that `__init__` gave it. */
export function attributePerThread(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const cls = classAround(tree, place.node);
  const name = attributeOf(tree, place.node);
  if (cls === 0 || name === undefined || !isPlainClass(tree, cls)) return undefined;
  const uses = usesIn(tree, cls, name);
  if (uses === undefined || !place.ownsLines(tree.parent(uses.made))) return undefined;
  // Set in another method, it may be meant to last.
  const setters = new Set(uses.stored.map((node) => functionAround(tree, node)));
  const isPair = [...setters].every((fn) => /^__(enter|exit)__$/.test(nameOf(tree, fn)));
  if (setters.size !== 1 && !isPair) return undefined;
  const member = moduleMember(source, "threading", "local");
  if (member === undefined) return undefined;
  const holder = freshName(tree, "_local");
  const own = name.replace(/^_+/, "");
  const object = (node: number) => tree.source(tree.child(node, Field.Object));
  const init = tree.source(uses.value);
  const edits: TextEdit[] = [
    ...member.edits,
    source.replace(
      tree.start(uses.made),
      tree.end(uses.made),
      `${object(tree.child(uses.made, Field.Left))}.${holder} = ${member.expression}()`,
    ),
    ...uses.stored.map((node) =>
      source.replace(tree.start(node), tree.end(node), `${object(node)}.${holder}.${own}`),
    ),
    ...uses.read.map((node) =>
      source.replace(
        tree.start(node),
        tree.end(node),
        `getattr(${object(node)}.${holder}, "${own}", ${init})`,
      ),
    ),
  ];
  const fix = place.fix(
    `Keep \`${name}\` for each thread in a \`${member.expression}\` (threads no longer see what another one set)`,
    edits,
    false,
  );
  return { ...fix, isPreferred: false };
}

/** For flags that keep a call from running within itself: `if self._busy: return`, set, and reset in a `finally`. */
export function reentryGuardPerThread(place: Place): TextFix | undefined {
  const { tree } = place;
  const fn = functionAround(tree, place.node);
  const written = tree.source(place.node);
  if (fn === 0 || attributeOf(tree, place.node) === undefined) return undefined;
  const isReset = [...executedNodes(tree, bodyOf(tree, fn))].some(
    (node) =>
      tree.kind(node) === Kind.FinallyClause &&
      [...executedNodes(tree, [node])].some((n) => isTarget(tree, n) && tree.source(n) === written),
  );
  return isReset ? attributePerThread(place) : undefined;
}

/** The name of a private attribute of the method's own object. */
function attributeOf(tree: CompactTree, node: number): string | undefined {
  if (tree.kind(node) !== Kind.Attribute) return undefined;
  const name = tree.source(tree.child(node, Field.Attribute));
  return /^_(?!_)/.test(name) && isOwn(tree, node) ? name : undefined;
}

function isOwn(tree: CompactTree, node: number): boolean {
  const fn = functionAround(tree, node);
  const self = fn === 0 ? undefined : parametersOf(tree, fn)[0];
  return self !== undefined && tree.source(tree.child(node, Field.Object)) === self;
}

function classAround(tree: CompactTree, node: number): number {
  for (let at = functionAround(tree, node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.ClassDefinition) return at;
  }
  return 0;
}

/** Its objects may have one more attribute, and nobody copies or pickles them, as far as the file tells. */
function isPlainClass(tree: CompactTree, cls: number): boolean {
  if (/\b(pickle|deepcopy|__reduce\w*__|__getstate__|copy\.copy)\b/.test(tree.text)) return false;
  return decoratorsOf(tree, cls).length === 0 && !/\b__slots__\b/.test(tree.source(cls));
}

/** Undefined where the attribute is used in a way that cannot be told to be this object's. */
function usesIn(tree: CompactTree, cls: number, name: string): Uses | undefined {
  let made = 0;
  const stored: number[] = [];
  const read: number[] = [];
  const mentions = mentionsOf(tree, name);
  if (mentions === undefined) return undefined;
  for (const whole of mentions) {
    if (tree.kind(whole) !== Kind.Attribute) return undefined;
    if (classAround(tree, whole) !== cls || !isOwn(tree, whole)) return undefined;
    if (!isTarget(tree, whole)) {
      read.push(whole);
      continue;
    }
    const assignment = tree.parent(whole);
    const isAlone =
      tree.kind(assignment) === Kind.Assignment &&
      tree.field(whole) === Field.Left &&
      tree.child(assignment, Field.Type) === 0 &&
      tree.kind(tree.parent(assignment)) === Kind.ExpressionStatement;
    if (!isAlone) return undefined;
    if (nameOf(tree, functionAround(tree, whole)) !== "__init__") stored.push(whole);
    else if (made !== 0) return undefined;
    else made = assignment;
  }
  const value = made === 0 ? 0 : tree.child(made, Field.Right);
  return value !== 0 && isConstant(tree, value) ? { made, value, stored, read } : undefined;
}
