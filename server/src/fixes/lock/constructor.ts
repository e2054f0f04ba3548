// Makes a lock in `__init__`, and `__init__` itself where a class has none and can safely have one.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { isLeftToSubclasses } from "../hazards/reentrance.ts";
import {
  basesOf,
  bindsLocally,
  bodyOf,
  decoratorsOf,
  definitionIn,
  executedNodes,
  isDocstring,
  lastName,
  nameOf,
  parametersOf,
} from "../scopes.ts";
import type { Source } from "../source.ts";
import type { LockOrder } from "./lockChoice.ts";
import { isCompound } from "./moduleLock.ts";
import { relatedClasses } from "./names.ts";

/** Bases whose `__init__` takes what it is given, so that one in front of it changes nothing. */
const openBases =
  /^(object|Thread|ABC|Generic|Protocol|dict|list|set|OrderedDict|defaultdict|UserDict|UserList|deque|local)$/;

/** @param more methods to stand behind `__init__`, each line with a tab for each level of indentation */
export function initWithLock(
  order: LockOrder,
  owner: number,
  name: string,
  more: readonly string[] = [],
): TextEdit[] {
  const { source, cls } = order;
  const { tree } = source;
  refuseBypassed(tree, owner);
  const init = methodsOf(tree, owner).filter((m) => nameOf(tree, m) === "__init__");
  const own = init.filter((m) => !decoratorsOf(tree, m).some((d) => lastName(d.name) === "overload"));
  if (own.length > 1) throw new Refusal("The class has several `__init__` methods.");
  if (own.length === 0) return [newInit(order, owner, name, more)];
  const [method] = own;
  const self = parametersOf(tree, method!)[0];
  if (self === undefined || !/^\((\s|#.*)*\w/.test(tree.source(tree.child(method!, Field.Parameters)))) {
    throw new Refusal("`__init__` has no parameter for the object.");
  }
  if (bindsLocally(tree, method!, cls.root)) {
    throw new Refusal(`\`${cls.root}\` is a local name in \`__init__\`.`);
  }
  return [
    ...lineInInit(order, method!, self, `${self}.${name} = ${cls.expression}()`),
    ...methodsBehind(source, method!, more),
  ];
}

/** @param lines of methods, each with a tab for each level of indentation */
export function methodsBehind(source: Source, definition: number, lines: readonly string[]): TextEdit[] {
  if (lines.length === 0) return [];
  const statement = decorated(source.tree, definition);
  const at = source.endOfDefinition(statement);
  return [source.insert(at, source.eol + source.eol + likeThose(source, statement, lines))];
}

/** @param lines of methods, each with a tab for each level of indentation */
export function methodsBefore(source: Source, definition: number, lines: readonly string[]): TextEdit[] {
  if (lines.length === 0) return [];
  const statement = decorated(source.tree, definition);
  const { start } = source.lineBefore(statement, "");
  return [source.insert(start, likeThose(source, statement, lines) + source.eol + source.eol)];
}

function decorated(tree: CompactTree, definition: number): number {
  const parent = tree.parent(definition);
  return tree.kind(parent) === Kind.DecoratedDefinition ? parent : definition;
}

function likeThose(source: Source, statement: number, lines: readonly string[]): string {
  const indent = source.indentAt(source.tree.start(statement));
  const unit = source.unitOf(source.tree.parent(statement)) ?? source.unit;
  return indented(lines, indent, unit).join(source.eol);
}

function indented(lines: readonly string[], indent: string, unit: string): string[] {
  return lines.map((line) => {
    const levels = /^\t*/.exec(line)![0].length;
    return line === "" ? "" : indent + unit.repeat(levels) + line.slice(levels);
  });
}

/** What it costs to give a class its first `__init__` that others are derived from, as a title says it. */
export function costOfFirstInit(tree: CompactTree, owner: number): string | undefined {
  const methods = methodsOf(tree, owner);
  if (methods.some((method) => nameOf(tree, method) === "__init__")) return undefined;
  const isBase =
    relatedClasses(tree, owner).some((cls) =>
      basesOf(tree, cls).map(lastName).includes(nameOf(tree, owner)),
    ) || methods.some((method) => isLeftToSubclasses(tree, method));
  return isBase ? "subclasses have to call its new `__init__`" : undefined;
}

function lineInInit({ source, guard }: LockOrder, method: number, self: string, line: string): TextEdit[] {
  const { tree } = source;
  const body = bodyOf(tree, method);
  const first = body[0]!;
  if (!source.isFirstOnLine(tree.start(first))) return expandedInit(source, method, body, line);
  const home = body.findIndex((s) => assigns(tree, s, `${self}.${guard.name}`));
  const leavesBefore = body.slice(0, Math.max(0, home)).some((s) => leaves(tree, s));
  if (home >= 0 && !leavesBefore) {
    const statement = body[home]!;
    if (isCompound(tree, statement)) return [source.lineBefore(statement, line)];
    // A string behind an attribute is what documentation tools take for its description.
    const documented = isDocstring(tree, body[home + 1]) ? body[home + 1]! : statement;
    return [source.lineAfter(documented, line)];
  }
  if (!isDocstring(tree, first)) return [source.lineBefore(first, line)];
  return [body[1] === undefined ? source.lineAfter(first, line) : source.lineBefore(body[1], line)];
}

/** `def __init__(self): self.n = 0` gets lines of its own. */
function expandedInit(source: Source, method: number, body: readonly number[], line: string): TextEdit[] {
  const { tree, eol } = source;
  const start = tree.start(body[0]!);
  const head = source.text.slice(source.lineStart(start), start);
  const gap = /[ \t]*$/.exec(head)![0].length;
  if (!head.trimEnd().endsWith(":")) throw new Refusal("`__init__` is laid out in an unusual way.");
  const indent = source.indentAt(tree.start(method)) + source.unit;
  const last = body.at(-1)!;
  return [
    source.replace(start - gap, start, eol + indent),
    source.insert(source.endOfStatementLine(last), eol + indent + line),
  ];
}

/** Whether the statement binds exactly this attribute, at any depth. */
function assigns(tree: CompactTree, statement: number, attribute: string): boolean {
  for (const node of executedNodes(tree, [statement])) {
    if (tree.kind(node) === Kind.Attribute && tree.source(node) === attribute) {
      for (let at = node; at > 0 && at !== tree.parent(statement); at = tree.parent(at)) {
        if (tree.field(at) === Field.Left && tree.kind(tree.parent(at)) === Kind.Assignment) return true;
      }
    }
  }
  return false;
}

function leaves(tree: CompactTree, statement: number): boolean {
  for (const node of executedNodes(tree, [statement])) {
    if (tree.kind(node) === Kind.ReturnStatement) return true;
  }
  return false;
}

function methodsOf(tree: CompactTree, owner: number): number[] {
  return bodyOf(tree, owner)
    .map((s) => definitionIn(tree, s))
    .filter((d) => d !== 0 && tree.kind(d) === Kind.FunctionDefinition);
}

/** Instances must not come into being without the `__init__` that makes their lock. */
function refuseBypassed(tree: CompactTree, owner: number): void {
  const name = nameOf(tree, owner);
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.Call) {
      const callee = tree.source(tree.child(node, Field.Function));
      const made = tree.childrenOf(node, Field.Arguments)[0];
      const isBypass =
        callee === `${name}.__new__` || (callee.endsWith(".__new__") && isWithin(tree, node, owner));
      if (isBypass && made !== undefined) {
        throw new Refusal(`\`${callee}()\` makes instances without \`__init__\`, which would have no lock.`);
      }
    }
    if (tree.kind(node) !== Kind.ClassDefinition || node === owner) continue;
    if (!basesOf(tree, node).some((base) => lastName(base) === name)) continue;
    const init = methodsOf(tree, node).find((m) => nameOf(tree, m) === "__init__");
    if (init !== undefined && !/(super\(.*\)|\w)\.__init__\(/.test(tree.source(init))) {
      throw new Refusal(
        `\`${nameOf(tree, node)}.__init__\` does not call that of \`${name}\`, which would make the lock.`,
      );
    }
  }
}

function isWithin(tree: CompactTree, node: number, ancestor: number): boolean {
  return node > ancestor && node < tree.subtreeEnd(ancestor);
}

function newInit({ source, cls }: LockOrder, owner: number, name: string, more: readonly string[]): TextEdit {
  const { tree, eol } = source;
  const name_ = nameOf(tree, owner);
  const bases = basesOf(tree, owner);
  const keywords = tree.childrenOf(owner, Field.Superclasses).length - bases.length;
  const closed = bases.find((base) => !isOpen(tree, base, 0));
  if (closed !== undefined) {
    throw new Refusal(
      `\`${name_}\` has no \`__init__\`, and what \`${closed}\` expects of one is not known here.`,
    );
  }
  if (keywords > 0 || methodsOf(tree, owner).some((m) => nameOf(tree, m) === "__new__")) {
    throw new Refusal(`\`${name_}\` makes its instances in a way of its own; a lock needs a place in it.`);
  }
  const body = bodyOf(tree, owner);
  const first = body[0]!;
  if (!source.isFirstOnLine(tree.start(first))) {
    throw new Refusal("The class is written on one line.");
  }
  const indent = source.indentAt(tree.start(first));
  const unit = source.unitOf(tree.parent(first)) ?? source.unit;
  const lines = [
    `${indent}def __init__(self, *args, **kwargs):`,
    `${indent}${unit}super().__init__(*args, **kwargs)`,
    `${indent}${unit}self.${name} = ${cls.expression}()`,
    ...(more.length === 0 ? [] : ["", ...indented(more, indent, unit)]),
  ].join(eol);
  const method = body.find((s) => definitionIn(tree, s) !== 0);
  if (method === undefined) {
    return source.insert(source.endOfStatementLine(body.at(-1)!), eol + eol + lines);
  }
  const probe = source.lineBefore(method, "");
  return source.insert(probe.start, lines + eol + eol);
}

/** Whether `super().__init__(*args, **kwargs)` reaches something that takes what callers pass today. */
function isOpen(tree: CompactTree, base: string, depth: number): boolean {
  const plain = base.replace(/\[.*/s, "");
  if (openBases.test(lastName(plain)) || /(Error|Exception)$/.test(plain)) return true;
  if (depth > 5) return false;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.ClassDefinition || nameOf(tree, node) !== plain) continue;
    const names = methodsOf(tree, node).map((m) => nameOf(tree, m));
    if (names.includes("__new__")) return false;
    return basesOf(tree, node).every((b) => isOpen(tree, b, depth + 1));
  }
  return false;
}
