// A thread that asks a list again and again whether there is something to do: it waits at a `queue.SimpleQueue`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { lastName } from "../../scopes.ts";
import type { Source } from "../../source.ts";
import type { Place } from "../place.ts";
import { bare, mentionsOf, methodCall, negated } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { losesComment, statementsAt } from "../text/layout.ts";

interface Polling {
  /** The lines to replace, and what comes in their place; uses in there are done with. */
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** `if not jobs: sleep(…); continue` in front of `jobs.pop(0)` becomes `jobs.get()`; `jobs.append` becomes `jobs.put`. */
export function waitingQueue(place: Place): TextFix | undefined {
  const { tree, source, node } = place;
  const taken = methodCall(tree, node);
  if (taken === undefined || !takesFirst(tree, taken)) return undefined;
  const container = tree.source(taken.receiver);
  const mentions = mentionsOf(tree, lastName(container));
  const member = moduleMember(source, "queue", "SimpleQueue");
  const polling = whereItPolls(place, container);
  if (member === undefined || polling === undefined || mentions === undefined) return undefined;
  if (!/^\w+(\.\w+)?$/.test(container)) return undefined;
  const edits: TextEdit[] = [...member.edits, source.replace(polling.start, polling.end, polling.newText)];
  let starts = 0;
  for (const whole of mentions) {
    if (polling.start <= tree.start(whole) && tree.end(whole) <= polling.end) continue;
    const edit = editOfUse(source, whole, member.expression);
    if (edit === undefined) return undefined;
    if (edit.newText.endsWith("()") && !edit.newText.endsWith("qsize()")) starts += 1;
    edits.push(edit);
  }
  if (starts !== 1) return undefined;
  return place.fix(
    `Wait at a \`${member.expression}\` for the next element: \`${container}.get()\` (no more asking in a loop; it is no list any more)`,
    edits,
    false,
  );
}

function takesFirst(tree: CompactTree, call: { name: string; args: readonly number[] }): boolean {
  if (call.name === "popleft") return call.args.length === 0;
  return call.name === "pop" && call.args.length === 1 && tree.source(call.args[0]!) === "0";
}

/** Made empty, added to at the end, or counted; undefined for all else. */
function editOfUse(source: Source, whole: number, made: string): TextEdit | undefined {
  const { tree } = source;
  const parent = tree.parent(whole);
  if (tree.kind(parent) === Kind.Assignment && tree.field(whole) === Field.Left) {
    const value = tree.child(parent, Field.Right);
    const isEmpty = /^(\[\s*\]|list\(\)|(collections\.)?deque\(\))$/.test(tree.source(value));
    if (!isEmpty || tree.child(parent, Field.Type) !== 0) return undefined;
    return source.replace(tree.start(value), tree.end(value), `${made}()`);
  }
  const outer = tree.parent(parent);
  const call = methodCall(tree, outer);
  if (call?.receiver === whole && call.name === "append" && call.args.length === 1) {
    const method = tree.child(parent, Field.Attribute);
    return source.replace(tree.start(method), tree.end(method), "put");
  }
  const isCounted =
    tree.kind(outer) === Kind.Call && tree.source(tree.child(outer, Field.Function)) === "len";
  return isCounted
    ? source.replace(tree.start(outer), tree.end(outer), `${tree.source(whole)}.qsize()`)
    : undefined;
}

/**
 * In `while True`, so that nothing else ends the wait: a test that sleeps and goes on in front of the statement that takes
 * the element; a loop that sleeps until there is one; or a test around it that sleeps otherwise.
 */
function whereItPolls(place: Place, container: string): Polling | undefined {
  const { tree, source, node } = place;
  const statement = place.statementOf(node);
  if (!place.ownsLines(statement)) return undefined;
  const waits = `${container}.get()`;
  const replaced = (to: string, replacement: readonly number[]) =>
    statementsAt(source, replacement, to, [{ start: tree.start(node), end: tree.end(node), newText: waits }]);
  const siblings = place.siblingsOf(statement);
  const before = siblings[siblings.indexOf(statement) - 1] ?? 0;
  const indent = source.indentAt(tree.start(statement));
  if (before !== 0 && place.ownsLines(before) && asksFor(tree, before, container, false)) {
    const isLoop = tree.kind(before) === Kind.WhileStatement;
    const body = tree.childrenOf(before, isLoop ? Field.Body : Field.Consequence);
    const isEndless = isLoop || isWhileTrue(tree, tree.parent(tree.parent(statement)));
    if (!isEndless || !isPause(place, body, !isLoop) || tree.child(before, Field.Alternative) !== 0)
      return undefined;
    if (losesComment(source, tree.start(before), tree.start(statement), [])) return undefined;
    const start = source.lineStart(tree.start(before));
    return { start, end: source.lineEnd(tree.end(statement)), newText: replaced(indent, [statement]) };
  }
  const head = tree.parent(tree.parent(statement));
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement || !asksFor(tree, head, container, true))
    return undefined;
  const [otherwise, ...more] = tree.children(head).filter((c) => tree.field(c) === Field.Alternative);
  const isOnly = siblings[0] === statement && place.siblingsOf(head).length === 1;
  if (otherwise === undefined || more.length > 0 || tree.kind(otherwise) !== Kind.ElseClause)
    return undefined;
  if (!isOnly || !place.ownsLines(head) || !isWhileTrue(tree, tree.parent(tree.parent(head))))
    return undefined;
  if (!isPause(place, tree.childrenOf(otherwise, Field.Body), false)) return undefined;
  const last = siblings.at(-1)!;
  const kept: [number, number] = [tree.start(statement), source.lineEnd(tree.end(last))];
  if (losesComment(source, tree.start(head), tree.end(head), [kept])) return undefined;
  const outer = source.indentAt(tree.start(head));
  return {
    start: source.lineStart(tree.start(head)),
    end: source.lineEnd(tree.end(head)),
    newText: replaced(outer, siblings),
  };
}

/** The condition of an `if` or `while` is that there are elements, or that there are none. */
function asksFor(tree: CompactTree, head: number, container: string, present: boolean): boolean {
  const kind = tree.kind(head);
  if (kind !== Kind.IfStatement && kind !== Kind.WhileStatement) return false;
  const condition = tree.child(head, Field.Condition);
  const inner = negated(tree, condition);
  const asked = present ? bare(tree, condition) : inner;
  if (asked === 0 || (present && inner !== 0)) return false;
  return tree.source(asked) === container || tree.source(asked) === `len(${container})`;
}

function isWhileTrue(tree: CompactTree, head: number): boolean {
  return (
    head > 0 &&
    tree.kind(head) === Kind.WhileStatement &&
    /^(True|1)$/.test(tree.source(bare(tree, tree.child(head, Field.Condition))))
  );
}

/** Nothing but a sleep, with or without the `continue` behind it. */
function isPause({ tree }: Place, body: readonly number[], goesOn: boolean): boolean {
  const [sleep, next, ...more] = body;
  if (sleep === undefined || more.length > 0) return false;
  if (!/^(\w+\.)?sleep\([^()]*\)$/.test(tree.source(sleep))) return false;
  return goesOn
    ? next !== undefined && tree.kind(next) === Kind.ContinueStatement
    : next === undefined || tree.kind(next) === Kind.ContinueStatement;
}
