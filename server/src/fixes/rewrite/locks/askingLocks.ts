// Locks that are asked and taken in two steps: one step answers, and its answer is looked at.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { executedNodes, functionAround } from "../../scopes.ts";
import { leaves } from "../oneStep/tryInstead.ts";
import type { Place } from "../place.ts";
import { isPlain, methodCall, negated, rebinds } from "../text/expressions.ts";
import { losesComment, reindented } from "../text/layout.ts";

/** `if not lock.locked(): with lock: …`, and `if lock.locked(): return` in front of it. */
export function takenIfFree(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const asked = methodCall(tree, place.node);
  const test = place.statementOf(place.node);
  if (asked?.name !== "locked" || tree.kind(test) !== Kind.IfStatement || !isPlain(tree, asked.receiver))
    return undefined;
  const lock = tree.source(asked.receiver);
  const condition = tree.child(test, Field.Condition);
  const taken = `${lock}.acquire(blocking=False)`;
  const title = `Ask and take in one step: \`${taken}\``;
  const isFree = negated(tree, condition) === place.node;
  if (!isFree && condition !== place.node) return undefined;
  if (!place.ownsLines(test)) return undefined;
  const consequence = tree.childrenOf(test, Field.Consequence);
  const head = source.replace(tree.start(condition), tree.end(condition), isFree ? taken : `not ${taken}`);
  if (!isFree) {
    const held = tree.next(test);
    if (tree.child(test, Field.Alternative) !== 0 || !leaves(tree, consequence) || held === 0)
      return undefined;
    const edits = triedInstead(place, held, lock);
    return edits === undefined ? undefined : place.fix(title, [head, ...edits], false);
  }
  const [first, second, ...more] = consequence;
  if (first === undefined) return undefined;
  if (second === undefined) {
    const edits = triedInstead(place, first, lock);
    return edits === undefined ? undefined : place.fix(title, [head, ...edits], false);
  }
  // `lock.acquire()` with a `try` behind it that releases.
  const isTaken = tree.source(first) === `${lock}.acquire()` && place.ownsLines(first);
  if (!isTaken || more.length > 0 || !releases(tree, second, lock)) return undefined;
  const next = source.text.indexOf("\n", tree.end(first)) + 1;
  const gone = source.replace(source.lineStart(tree.start(first)), next, "");
  return place.fix(title, [head, gone], false);
}

/** `with lock:` to `try:` with the release in `finally`. */
function triedInstead(place: Place, held: number, lock: string): TextEdit[] | undefined {
  const { tree, source } = place;
  if (tree.kind(held) !== Kind.WithStatement || !place.ownsLines(held)) return undefined;
  const clause = tree.children(held).find((c) => tree.kind(c) === Kind.WithClause) ?? 0;
  if (tree.source(clause).trim() !== lock || !tree.source(held).startsWith("with")) return undefined;
  const body = tree.childrenOf(held, Field.Body);
  if (rebinds(tree, body, [lock]) || !source.isFirstOnLine(tree.start(body[0]!))) return undefined;
  const colon = source.text.indexOf(":", tree.end(clause));
  const { eol, unit } = source;
  const indent = source.indentAt(tree.start(held));
  return [
    source.replace(tree.start(held), colon, "try"),
    source.insert(
      source.lineEnd(tree.end(held)),
      `${eol}${indent}finally:${eol}${indent}${unit}${lock}.release()`,
    ),
  ];
}

function releases(tree: CompactTree, statement: number, lock: string): boolean {
  if (tree.kind(statement) !== Kind.TryStatement) return false;
  const last = tree.children(statement).find((c) => tree.kind(c) === Kind.FinallyClause) ?? 0;
  return last !== 0 && tree.source(last).includes(`${lock}.release()`);
}

/** `lock.acquire(timeout=1)`: what to do without the lock is told by an exception. */
export function raisedIfTaken(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const asked = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  if (asked?.name !== "acquire" || tree.parent(place.node) !== statement || !place.ownsLines(statement))
    return undefined;
  const list = asked.args.map((arg) => tree.source(arg));
  const waits = list.some((arg) => arg.startsWith("timeout")) || (list.length === 2 && list[0] === "True");
  const isAsync = [...executedNodes(tree, [statement])].some((node) => tree.kind(node) === Kind.Await);
  if (!waits || isAsync || list.some((arg) => /^blocking\s*=\s*False$/.test(arg))) return undefined;
  if (functionAround(tree, statement) === 0 || list.join().includes("\n")) return undefined;
  const indent = source.indentAt(tree.start(statement));
  const call = reindented(source, tree.start(place.node), tree.end(place.node), indent).trimStart();
  const lock = tree.source(asked.receiver);
  const name = lock.includes('"') ? "the lock" : lock;
  const fix = place.fix(
    "Raise `TimeoutError` when the time is over and the lock is not there",
    [
      source.replace(
        tree.start(statement),
        tree.end(statement),
        `if not ${call}:${source.eol}${indent}${source.unit}raise TimeoutError("${name} is taken")`,
      ),
    ],
    false,
  );
  return { ...fix, isPreferred: false };
}

/** `lock.acquire(blocking=False)` and `try … finally: lock.release()`: wait for the lock, with `with lock:`. */
export function waitedFor(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const asked = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  const tried = tree.next(statement);
  if (asked?.name !== "acquire" || tree.parent(place.node) !== statement || tried === 0) return undefined;
  const lock = tree.source(asked.receiver);
  if (!isPlain(tree, asked.receiver) || !releases(tree, tried, lock)) return undefined;
  const [block, last, ...more] = tree.children(tried);
  if (block === undefined || last === undefined || more.length > 0) return undefined;
  const [release, ...others] = tree.children(last).flatMap((c) => tree.children(c));
  if (release === undefined || tree.source(release) !== `${lock}.release()` || others.length > 0)
    return undefined;
  if (!place.ownsLines(statement) || !place.ownsLines(tried) || rebinds(tree, [block], [lock]))
    return undefined;
  const body = tree.children(block);
  const first = body[0]!;
  if (!source.isFirstOnLine(tree.start(first)) || !source.isFirstOnLine(tree.start(last))) return undefined;
  const colon = source.text.indexOf(":", tree.start(tried));
  const end = source.lineEnd(tree.end(tried));
  const bodyEnd = source.endOfStatementLine(body.at(-1)!);
  const kept = [[colon, bodyEnd + 1]] as const; // a comment ends behind the \r of its line
  if (losesComment(source, tree.start(statement), end, kept)) return undefined;
  return place.fix(
    `Wait for it: \`with ${lock}:\` (as long as it takes)`,
    [source.replace(tree.start(statement), colon, `with ${lock}`), source.replace(bodyEnd, end, "")],
    false,
  );
}
