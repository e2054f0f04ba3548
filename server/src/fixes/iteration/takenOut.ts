// Code that works through all that a container has and empties it at the end: the shape in which the content can be taken
// out first, so that the work goes on without the lock and what others add meanwhile stays for the next time.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextEdit } from "../fix.ts";
import { LocalCalls, mentions } from "../hazards/reentrance.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { isLight } from "../region/reach.ts";
import { wrapInWith } from "../region/region.ts";
import { freshLocal } from "../rewrite/text/localNames.ts";
import { executedNodes, functionAround, isTarget, lastName } from "../scopes.ts";

export interface TakenOut {
  /** `if not items: return` in front, which belongs to the taking. */
  readonly tests: readonly number[];
  /** What works through the content. */
  readonly work: readonly number[];
  /** `items.clear()` or `items = []` at the end. */
  readonly emptying: number;
  /** How the code there names the container. */
  readonly container: string;
  /** What is put in its place; undefined where it is emptied and stays the same. */
  readonly fresh: string | undefined;
}

const empty =
  /^(\[\]|\{\}|(collections\.)?((list|dict|set|deque|OrderedDict|Counter)\(\)|defaultdict\([\w.]+\)))$/;
const shrinking =
  /^(append|appendleft|extend|insert|add|update|pop|popleft|popitem|remove|discard|clear|setdefault|sort|reverse)$/;

/** Undefined where the code has another shape, does nothing that could take long, or relies on what it leaves there. */
export function takenOut({ source, region, site }: GuardedCode, name: string): TakenOut | undefined {
  const { tree } = source;
  const own = site.importedAs ?? name;
  const container = site.receiver === undefined ? own : `${site.receiver}.${own}`;
  const emptying = region.statements.at(-1)!;
  const fresh = emptied(tree, emptying, container);
  if (fresh === undefined) return undefined;
  const before = region.statements.slice(0, -1);
  const isTest = (statement: number) => leavesIfEmpty(tree, statement, container);
  const first = before.findIndex((statement) => !isTest(statement));
  if (first < 0) return undefined;
  const work = before.slice(first);
  const ownsLines = [...region.statements].every((s) => source.isFirstOnLine(tree.start(s)));
  const last = work.at(-1)!;
  const gap = source.text.slice(tree.end(last), tree.start(emptying));
  const behind = source.text.slice(tree.end(emptying), source.lineEnd(tree.end(emptying)));
  if (!ownsLines || !/^\s*$/.test(gap + behind) || work.every((statement) => isLight(tree, statement)))
    return undefined;
  const reached = new LocalCalls(tree).reaches({ block: region.block, statements: work }, (fn) =>
    mentions(tree, fn, name),
  );
  if (reached !== undefined || !isOnlyRead(tree, work, container)) return undefined;
  return {
    tests: before.slice(0, first),
    work,
    emptying,
    container,
    fresh: fresh === "" ? undefined : fresh,
  };
}

/** Takes the content out under the lock, and has the work done with what was taken. */
export function takeOutFirst({ source }: GuardedCode, taken: TakenOut, lock: string): TextEdit[] {
  const { tree, eol } = source;
  const { tests, work, emptying, container, fresh } = taken;
  const [first] = work;
  const block = tree.parent(first!);
  const indent = source.indentAt(tree.start(first!));
  const unit = source.unitOf(block) ?? source.unit;
  const plain = lastName(container)
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
  const local = plain === "" || plain === container ? "taken" : plain;
  const name = freshLocal(tree, local, first!);
  const taking =
    fresh === undefined
      ? [`${name} = ${container}.copy()`, `${container}.clear()`]
      : [`${name}, ${container} = ${container}, ${fresh}`];
  const lines = taking.map((line) => unit + line);
  const head =
    tests.length === 0
      ? [source.lineBefore(first!, [`with ${lock}:`, ...lines].join(eol + indent))]
      : [
          ...wrapInWith(source, { block, statements: tests }, lock),
          source.lineAfter(tests.at(-1)!, lines.join(eol + indent)),
        ];
  const uses = [...executedNodes(tree, work)].filter(
    (node) => tree.source(node) === container && isWhole(tree, node),
  );
  const from = source.lineEnd(tree.end(work.at(-1)!));
  return [
    ...head,
    ...uses.map((node) => source.replace(tree.start(node), tree.end(node), name)),
    source.replace(from, source.lineEnd(tree.end(emptying)), ""),
  ];
}

/** What is put in the container's place, empty where it is cleared itself; undefined for other statements. */
function emptied(tree: CompactTree, statement: number, container: string): string | undefined {
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  const inner = tree.firstChild(statement);
  if (tree.source(inner) === `${container}.clear()`) return "";
  if (tree.kind(inner) !== Kind.Assignment || tree.child(inner, Field.Type) !== 0) return undefined;
  const value = tree.source(tree.child(inner, Field.Right));
  const isIt = tree.source(tree.child(inner, Field.Left)) === container;
  return isIt && empty.test(value) ? value : undefined;
}

function leavesIfEmpty(tree: CompactTree, statement: number, container: string): boolean {
  if (tree.kind(statement) !== Kind.IfStatement || tree.child(statement, Field.Alternative) !== 0)
    return false;
  const condition = tree.source(tree.child(statement, Field.Condition));
  const [leave, ...more] = tree.childrenOf(statement, Field.Consequence);
  return (
    condition === `not ${container}` &&
    more.length === 0 &&
    /^(return|return (None|True|False|0)|continue)$/.test(tree.source(leave!))
  );
}

/** The work does not change the container, keep it, or leave before the end. */
function isOnlyRead(tree: CompactTree, work: readonly number[], container: string): boolean {
  let isRead = false;
  for (const node of executedNodes(tree, work)) {
    switch (tree.kind(node)) {
      case Kind.ReturnStatement:
      case Kind.Yield:
      case Kind.Await:
      case Kind.RaiseStatement:
      case Kind.FunctionDefinition:
      case Kind.Lambda:
        return false;
      case Kind.BreakStatement:
      case Kind.ContinueStatement:
        if (!isOfLoopIn(tree, node, work)) return false;
        break;
      case Kind.Identifier:
      case Kind.Attribute:
        if (tree.source(node) !== container || !isWhole(tree, node)) break;
        if (isChanged(tree, node)) return false;
        isRead = true;
    }
  }
  return isRead;
}

function isOfLoopIn(tree: CompactTree, node: number, work: readonly number[]): boolean {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.ForStatement || tree.kind(at) === Kind.WhileStatement) return true;
    if (work.includes(at)) return false;
  }
  return false;
}

/** Not the attribute of this name of something else, nor the name of an argument. */
function isWhole(tree: CompactTree, node: number): boolean {
  if (tree.kind(node) !== Kind.Identifier) return tree.kind(node) === Kind.Attribute;
  const parent = tree.kind(tree.parent(node));
  const field = tree.field(node);
  return (
    !(parent === Kind.Attribute && field === Field.Attribute) &&
    !(parent === Kind.KeywordArgument && field === Field.Name)
  );
}

function isChanged(tree: CompactTree, node: number): boolean {
  if (isTarget(tree, node)) return true;
  const parent = tree.parent(node);
  switch (tree.kind(parent)) {
    case Kind.Assignment: // another name for it
      return true;
    case Kind.Subscript:
      return isTarget(tree, parent);
    case Kind.Attribute: {
      const isCalled = tree.kind(tree.parent(parent)) === Kind.Call;
      return !isCalled || shrinking.test(tree.source(tree.child(parent, Field.Attribute)));
    }
    default:
      return functionAround(tree, node) === 0;
  }
}
