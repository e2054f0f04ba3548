// Locks for attributes: of the class in its body, of an instance in `__init__`.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { leftOutOfCopies } from "../copies/leftOut.ts";
import { isPickledByCall } from "../copies/rebuilt.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import {
  assignedIn,
  basesOf,
  binds,
  bindsLocally,
  bodyOf,
  decoratorsOf,
  definitionIn,
  definitionNamedAt,
  executedNodes,
  functionAround,
  isDocstring,
  lastName,
  nameOf,
} from "../scopes.ts";
import type { Source } from "../source.ts";
import { costOfFirstInit, initWithLock, methodsBehind } from "./constructor.ts";
import { dataclassField } from "./dataclassField.ts";
import type { LockOrder, NewLock } from "./lockChoice.ts";
import { makesLock } from "./moduleLock.ts";
import { unusedAttribute } from "./names.ts";
import { extendSlots, slotsOf } from "./slots.ts";

const pickled = "instances can then not be pickled or deep-copied";

export function classLock(order: LockOrder): NewLock {
  const { source, guard, cls } = order;
  const { tree } = source;
  const owner = ownerOf(order);
  if (isField(tree, owner, guard.name)) return instanceLock(order);
  refuseSpecialClass(
    tree,
    owner,
    /^(Enum|IntEnum|StrEnum|Flag|IntFlag|NamedTuple|TypedDict|Structure|Union)$/,
  );
  const body = bodyOf(tree, owner);
  refuseUnreachable(order);
  const wanted = `_${order.name}`;
  if (body.some((s) => makesLock(tree, s, wanted))) {
    return { nameAt: attribute(wanted), edits: [], isKnown: true };
  }
  if (binds(tree, body, cls.root)) throw new Refusal(`\`${cls.root}\` means something else in the class.`);
  const name = unusedAttribute(tree, owner, wanted);
  const line = `${name} = ${cls.expression}()`;
  const home = body.findIndex((s) => assignedIn(tree, s) === guard.name);
  const documentation = home >= 0 && isDocstring(tree, body[home + 1]) ? body[home + 1] : undefined;
  const [first, second] = body;
  const edit =
    home >= 0
      ? source.lineAfter(documentation ?? body[home]!, line)
      : isDocstring(tree, first)
        ? second === undefined
          ? source.lineAfter(first!, line)
          : apart(source, source.lineBefore(second, line))
        : source.lineBefore(first!, line);
  return { nameAt: attribute(name), edits: [edit], isKnown: false };
}

export function instanceLock(order: LockOrder): NewLock {
  const { source } = order;
  const { tree } = source;
  const owner = ownerOf(order);
  refuseUnreachable(order);
  const wanted = `_${order.name}`;
  if (hasInstanceLock(tree, owner, wanted)) return { nameAt: attribute(wanted), edits: [], isKnown: true };
  refuseSpecialClass(
    tree,
    owner,
    /^(Enum|IntEnum|StrEnum|Flag|IntFlag|NamedTuple|TypedDict|Structure|Union|BaseModel|Model)$/,
  );
  if (order.guard.through !== undefined) refuseHandedIn(tree, owner, order.guard.through);
  else refuseBorrowed(tree, owner, order.guard.name);
  refuseOwnSetting(tree, owner);
  const name = unusedAttribute(tree, owner, wanted);
  const leftOut = leftOutOfCopies(order, owner, name);
  const methods = leftOut?.methods ?? [];
  const decorators = decoratorsOf(tree, owner);
  const dataclass = decorators.find((d) => lastName(d.name) === "dataclass");
  if (
    decorators.some((d) => /^(attrs?|attr\.s|attrs?\.(define|mutable|s|attrs)|define|mutable)$/.test(d.name))
  ) {
    throw new Refusal("The class's attributes are made by attrs; add a lock to them by hand.");
  }
  const made =
    dataclass === undefined
      ? [...initWithLock(order, owner, name, methods), ...extendSlots(source, owner, name)]
      : [
          ...dataclassField(order, owner, dataclass.source, name),
          ...methodsBehind(source, lastField(tree, owner), methods),
        ];
  const isSmall = slotsOf(tree, owner).length > 0;
  const ofInit = dataclass === undefined ? costOfFirstInit(tree, owner) : undefined;
  const costs = [
    ...(ofInit === undefined ? [] : [ofInit]),
    ...(isSmall ? ["every object carries a lock"] : []),
    ...(leftOut !== undefined ? [leftOut.cost] : isPickledByCall(tree, owner) ? [] : [pickled]),
  ];
  return {
    nameAt: attribute(name),
    edits: [...made, ...(leftOut?.edits ?? [])],
    isKnown: false,
    ...(costs.length > 0 && { cost: costs.join("; ") }),
    ...(leftOut !== undefined && { needsClick: true }),
  };
}

/** The last of the lines that make fields, or say what they are. */
function lastField(tree: CompactTree, owner: number): number {
  return bodyOf(tree, owner).findLast((statement) => assignedIn(tree, statement) !== undefined)!;
}

/** With empty lines to the docstring above and to a comment below, which speaks of something else. */
function apart(source: Source, edit: TextEdit): TextEdit {
  const { text, eol } = source;
  const above = text.slice(source.lineStart(edit.start - 1), edit.start);
  const below = text.slice(edit.start, source.lineEnd(edit.start));
  const before = /^\s*$/.test(above) ? "" : eol;
  return { ...edit, newText: before + edit.newText + (/^\s*#/.test(below) ? eol : "") };
}

/** Annotated attributes of a dataclass belong to its instances. */
function isField(tree: CompactTree, owner: number, name: string): boolean {
  if (!decoratorsOf(tree, owner).some((d) => lastName(d.name) === "dataclass")) return false;
  return bodyOf(tree, owner).some((s) => {
    if (assignedIn(tree, s) !== name) return false;
    const type = tree.child(tree.firstChild(s), Field.Type);
    return type !== 0 && !/\bClassVar\b/.test(tree.source(type));
  });
}

/** The attribute of this name, of whatever object or class the code there uses. */
function attribute(name: string): (code: GuardedCode) => string {
  return ({ site }) => `${site.receiver}.${name}`;
}

function refuseUnreachable({ code }: LockOrder): void {
  if (code.some(({ site }) => site.receiver === undefined)) {
    throw new Refusal("The object that owns the data has no name here.");
  }
}

function ownerOf({ source, guard }: LockOrder): number {
  const { tree } = source;
  const owner = guard.home === undefined ? undefined : definitionNamedAt(tree, guard.home.start);
  if (owner === undefined || tree.kind(owner) !== Kind.ClassDefinition) {
    throw new Refusal("The class that owns the data is not to be found.");
  }
  return owner;
}

export function refuseSpecialClass(tree: CompactTree, owner: number, special: RegExp): void {
  const base = basesOf(tree, owner).find((b) => special.test(lastName(b.replace(/\[.*/s, ""))));
  if (base !== undefined) throw new Refusal(`A \`${base}\` cannot hold a lock.`);
}

/** `__setattr__` may forbid what `__init__` would have to do, or do something else with it. */
function refuseOwnSetting(tree: CompactTree, owner: number): void {
  const isSetting = bodyOf(tree, owner).some((statement) => {
    const definition = definitionIn(tree, statement);
    const name = definition === 0 ? assignedIn(tree, statement) : nameOf(tree, definition);
    return name === "__setattr__";
  });
  if (isSetting)
    throw new Refusal("`__setattr__` decides how instances are filled; a lock needs a place in it.");
}

/** `self.cache = cache`, a global: all instances share the one container, and each would have a lock of its own. */
function refuseBorrowed(tree: CompactTree, owner: number, name: string): void {
  for (let node = owner; node < tree.subtreeEnd(owner); node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const left = tree.child(node, Field.Left);
    const right = tree.child(node, Field.Right);
    const isIt =
      tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Attribute)) === name;
    if (!isIt || tree.kind(right) !== Kind.Identifier) continue;
    const global = tree.source(right);
    const fn = functionAround(tree, node);
    if (fn !== 0 && bindsLocally(tree, fn, global)) continue;
    if (globalStatements(tree).some((s) => assignedIn(tree, s) === global && isContainer(tree, s))) {
      throw new Refusal(
        `\`${tree.source(left)}\` is the global \`${global}\`, which other objects share; a lock of this object would not keep them out.`,
      );
    }
  }
}

/** Those of the top level, also in `try` and `if`: `socket_map = {}` unless a reload has left one. */
function globalStatements(tree: CompactTree): number[] {
  return [...executedNodes(tree, tree.children(0))].filter(
    (node) => tree.kind(node) === Kind.ExpressionStatement && functionAround(tree, node) === 0,
  );
}

/** `self.server = server`, then `self.server.jobs`: a lock of this object keeps nobody out who has the server, too. */
function refuseHandedIn(tree: CompactTree, owner: number, through: string): void {
  const [name] = through.split(".");
  let isMade = false;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const left = tree.child(node, Field.Left);
    const isIt =
      tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Attribute)) === name;
    const right = tree.child(node, Field.Right);
    if (!isIt || right === 0 || tree.kind(right) === Kind.None) continue;
    const isOwn = node > owner && node < tree.subtreeEnd(owner);
    // What other classes call `self` is another object.
    if (!isOwn && tree.source(left).startsWith("self.")) continue;
    const made = tree.kind(right) === Kind.Call ? tree.source(tree.child(right, Field.Function)) : "";
    isMade ||= isOwn;
    if (isOwn && /^_*[A-Z]/.test(lastName(made))) continue;
    throw new Refusal(
      `\`${tree.source(left)}\` comes from elsewhere and may be shared with other objects; the lock belongs where it is made.`,
    );
  }
  if (!isMade) {
    throw new Refusal(
      `\`${name}\` is set outside of the class and may be shared with other objects; the lock belongs where it is made.`,
    );
  }
}

function isContainer(tree: CompactTree, statement: number): boolean {
  const made = tree.source(tree.child(tree.firstChild(statement), Field.Right));
  return /^([[{]|(\w+\.)?(dict|list|set|deque|defaultdict|Counter|OrderedDict|WeakSet|Weak\w+Dictionary)\()/.test(
    made,
  );
}

/** Whether some method of the class makes `self.name` a lock. */
function hasInstanceLock(tree: CompactTree, owner: number, name: string): boolean {
  for (let node = owner; node < tree.subtreeEnd(owner); node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const left = tree.child(node, Field.Left);
    const isOwn =
      (tree.kind(left) === Kind.Attribute && tree.source(tree.child(left, Field.Attribute)) === name) ||
      (tree.kind(left) === Kind.Identifier && tree.source(left) === name);
    if (isOwn && /Lock\b/.test(tree.source(tree.child(node, Field.Right)))) return true;
  }
  return false;
}
