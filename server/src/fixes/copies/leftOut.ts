// A new lock in objects that are copied or pickled: `__getstate__` reads the state under it and leaves it out, and
// `__setstate__` makes a new one.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { methodsBefore, methodsBehind } from "../lock/constructor.ts";
import type { LockOrder } from "../lock/lockChoice.ts";
import { relatedClasses } from "../lock/names.ts";
import { slotsOf } from "../lock/slots.ts";
import { basesOf, bodyOf, definitionIn, keyInDict, lastName, nameOf } from "../scopes.ts";
import { changedContent, refuseUncopyable } from "./changedContent.ts";
import { type CopyEvidence, type CopyMethod, copyEvidence, copyMethods, isOfFamily } from "./evidence.ts";
import { extendedGetState, extendedSetState, type LeftOutLock, leavesToBase } from "./ownState.ts";
import { isInherited } from "./rebuilt.ts";

/** Bases that leave it to `__dict__` what objects consist of, and fill nothing before the state is there. */
const plainBases =
  /^(object|ABC|Generic|Protocol|Hashable|Iterable|Iterator|Sized|Container|Collection|Callable|(Mutable)?(Mapping|Sequence|Set))$/;

export interface LeftOut {
  readonly edits: readonly TextEdit[];
  /** What copies are like, for the fix's title. */
  readonly cost: string;
  /** Methods that stand behind `__init__`, each line with a tab for each level of indentation; none where it has them. */
  readonly methods: readonly string[];
}

/** What has to be done so that copies of the object stand its new lock; undefined where nobody is seen to copy it. */
export function leftOutOfCopies(order: LockOrder, owner: number, name: string): LeftOut | undefined {
  const { source, guard, code } = order;
  const { tree } = source;
  const evidence = copyEvidence(tree, source.path, owner, guard);
  const [first] = evidence;
  if (first === undefined) return undefined;
  const reason = (why: string) => new Refusal(`${first.words} copies such objects; ${why}`);
  if (guard.copiedApart !== undefined)
    throw reason(`\`${guard.copiedApart}\` decides how, and would have to know of the lock.`);
  if (relatedClasses(tree, owner).some((cls) => isOfFamily(tree, owner, cls) && hasSlots(tree, cls)))
    throw reason("with `__slots__`, what a copy consists of has to be listed by hand.");
  const deciding = copyMethods(tree, owner).filter(({ cls }) => isOfFamily(tree, owner, cls));
  const other = deciding.find(({ name: way }) => !/^__(get|set)state__$/.test(way));
  if (other !== undefined) throw decidedBy(tree, other);
  const known = guard.isContainer === true ? guard.name : undefined;
  const containers = changedContent(code, known);
  refuseUncopyable(tree, owner, containers);
  refuseShared(tree, evidence, containers, reason);
  const lock: LeftOutLock = { name, made: `${order.cls.expression}()`, code, containers };
  const own = deciding.filter(({ cls }) => cls === owner);
  const getter = own.find((one) => one.name === "__getstate__");
  const setter = own.find((one) => one.name === "__setstate__");
  if (getter === undefined || setter === undefined) refuseUnknownBases(tree, owner, reason);
  const got = getter === undefined ? undefined : extendedGetState(source, methodOf(getter, reason), lock);
  if (got?.state === "other" && setter === undefined)
    throw reason("`__getstate__` says what a copy consists of, and no `__setstate__` puts it together.");
  const edits = [
    ...(got?.edits ?? []),
    ...(setter === undefined ? [] : extendedSetState(source, methodOf(setter, reason), lock)),
    ...deciding.flatMap((one) => (one.cls === owner ? [] : inFamily(order, owner, one, lock, reason))),
  ];
  const isTyped = /\)\s*->/.test(headersOf(tree, owner));
  const made = [
    ...(getter === undefined ? [getState(tree, owner, lock, isTyped)] : []),
    ...(setter === undefined ? [setState(lock, isTyped)] : []),
  ];
  const methods = made.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
  const ownContent = containers.map((one) => ` and have a \`${one}\` of their own`);
  const cost = `pickles and copies leave the lock out${ownContent.join("")}`;
  // Each beside the other one, where that is there.
  if (getter !== undefined)
    return { edits: [...edits, ...methodsBehind(source, getter.method, methods)], methods: [], cost };
  if (setter !== undefined)
    return { edits: [...edits, ...methodsBefore(source, setter.method, methods)], methods: [], cost };
  return { edits, methods, cost };
}

function methodOf({ method, name }: CopyMethod, reason: (why: string) => Refusal): number {
  if (method === 0) throw reason(`\`${name}\` is another function, which would have to know of the lock.`);
  return method;
}

function decidedBy(tree: CompactTree, { cls, name }: CopyMethod): Refusal {
  return new Refusal(
    `\`${nameOf(tree, cls)}.${name}\` decides what copies of such objects have in them; a lock needs a place in it.`,
  );
}

/** Derived classes with methods of their own leave the lock to those of this class, or get the same lines. */
function inFamily(
  { source }: LockOrder,
  owner: number,
  one: CopyMethod,
  lock: LeftOutLock,
  reason: (why: string) => Refusal,
): TextEdit[] {
  const { tree } = source;
  const method = methodOf(one, reason);
  if (!isInherited(tree, one.cls, owner)) throw decidedBy(tree, one);
  if (leavesToBase(tree, method)) return [];
  return one.name === "__setstate__"
    ? extendedSetState(source, method, lock)
    : extendedGetState(source, method, lock).edits;
}

function refuseUnknownBases(tree: CompactTree, owner: number, reason: (why: string) => Refusal): void {
  for (let cls = 1; cls < tree.count; cls += 1) {
    if (tree.kind(cls) !== Kind.ClassDefinition || !isInherited(tree, owner, cls)) continue;
    for (const base of basesOf(tree, cls)) {
      const plain = lastName(base.replace(/\[.*/s, ""));
      if (plainBases.test(plain) || isClassHere(tree, plain)) continue;
      throw reason(`what \`${plain}\` makes copies of is not known here, and the lock must not be in them.`);
    }
  }
}

/** Slots other than none at all; abstract bases have those. */
function hasSlots(tree: CompactTree, cls: number): boolean {
  return slotsOf(tree, cls).some((slots) =>
    /\w/.test(tree.source(tree.child(tree.firstChild(slots), Field.Right))),
  );
}

function isClassHere(tree: CompactTree, name: string): boolean {
  return tree.children(0).some((statement) => {
    const definition = definitionIn(tree, statement);
    return tree.kind(definition) === Kind.ClassDefinition && nameOf(tree, definition) === name;
  });
}

/** `copy.copy(self)` leaves both with one container and a lock each, unless the copy is given another one at once. */
function refuseShared(
  tree: CompactTree,
  evidence: readonly CopyEvidence[],
  containers: readonly string[],
  reason: (why: string) => Refusal,
): void {
  for (const name of containers) {
    if (evidence.some(({ way, call }) => way === "copy" && !isReplaced(tree, call, name)))
      throw reason(`the copy would have a lock of its own around the same \`${name}\`.`);
  }
}

/** `twin = copy.copy(self)`, then `twin.items = …` in the same block. */
function isReplaced(tree: CompactTree, call: number, name: string): boolean {
  const assignment = call === 0 ? 0 : tree.parent(call);
  if (tree.kind(assignment) !== Kind.Assignment) return false;
  const twin = tree.source(tree.child(assignment, Field.Left));
  for (let at = tree.next(tree.parent(assignment)); at > 0; at = tree.next(at)) {
    const target =
      tree.kind(at) === Kind.ExpressionStatement ? tree.child(tree.firstChild(at), Field.Left) : 0;
    if (target > 0 && tree.source(target) === `${twin}.${name}`) return true;
  }
  return false;
}

/** What stands before the bodies of the class's methods. */
function headersOf(tree: CompactTree, owner: number): string {
  return bodyOf(tree, owner)
    .map((statement) => definitionIn(tree, statement))
    .filter((definition) => tree.kind(definition) === Kind.FunctionDefinition)
    .map((method) => tree.text.slice(tree.start(method), tree.start(bodyOf(tree, method)[0] ?? method)))
    .join("\n");
}

function getState(
  tree: CompactTree,
  owner: number,
  { name, containers }: LeftOutLock,
  isTyped: boolean,
): string[] {
  return [
    `def __getstate__(self)${isTyped ? " -> dict[str, object]" : ""}:`,
    `\twith self.${name}:`,
    "\t\tstate = self.__dict__.copy()",
    ...containers.map((one) => `\t\tstate["${keyInDict(nameOf(tree, owner), one)}"] = self.${one}.copy()`),
    `\tdel state["${name}"]`,
    "\treturn state",
  ];
}

function setState({ name, made }: LeftOutLock, isTyped: boolean): string[] {
  return [
    isTyped ? "def __setstate__(self, state: dict[str, object]) -> None:" : "def __setstate__(self, state):",
    "\tself.__dict__.update(state)",
    `\tself.${name} = ${made}`,
  ];
}
