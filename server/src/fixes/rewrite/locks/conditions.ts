// Waiting for a condition: the test belongs in a loop, or in `wait_for`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { isLight } from "../../region/reach.ts";
import type { Place } from "../place.ts";
import { isFreeOfEffects, methodCall, negated } from "../text/expressions.ts";
import { losesComment, reindented, statementsAt, withLeadingComments } from "../text/layout.ts";

/** `if not ready: c.wait()` looks once and is woken for other reasons too. */
export function waitInLoop(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  const head = tree.parent(tree.parent(statement));
  if (call?.name !== "wait" || head <= 0 || tree.kind(head) !== Kind.IfStatement) return undefined;
  if (tree.kind(statement) !== Kind.ExpressionStatement || tree.parent(place.node) !== statement)
    return undefined;
  const isAlone = tree.children(tree.parent(statement)).length === 1;
  if (!isAlone || tree.child(head, Field.Alternative) !== 0) return undefined;
  if (!isFreeOfEffects(tree, tree.child(head, Field.Condition))) return undefined;
  if (call.args.length === 0) {
    const start = tree.start(head);
    const edit = source.replace(start, start + 2, "while");
    return place.fix("Test again after every wake-up: `while` in place of `if`", [edit], true);
  }
  if (call.args.length > 1) return undefined;
  const condition = tree.child(head, Field.Condition);
  const inner = negated(tree, condition);
  const until = inner === 0 ? `not (${tree.source(condition)})` : tree.source(inner);
  const timeout = tree.source(call.args[0]!);
  const text = `${tree.source(call.receiver)}.wait_for(lambda: ${until}, ${timeout})`;
  const edit = source.replace(tree.start(head), tree.end(statement), text);
  return place.ownsLines(head)
    ? place.fix("Wait for the state itself, with `wait_for` and the same timeout", [edit], true)
    : undefined;
}

/** `while test: with c: c.wait()` tests without the lock, so that a notify in between wakes nobody: the lock around both. */
export function loopUnderLock(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  const held = tree.parent(tree.parent(statement));
  const loop = held <= 0 ? 0 : tree.parent(tree.parent(held));
  if (call?.name !== "wait" || loop <= 0 || tree.kind(loop) !== Kind.WhileStatement) return undefined;
  const condition = tree.source(call.receiver);
  const waits = place.siblingsOf(statement);
  const [clause] = tree.children(held);
  const isWait = tree.kind(held) === Kind.WithStatement && tree.source(clause ?? 0) === condition;
  const siblings = place.siblingsOf(held);
  if (!isWait || siblings.at(-1) !== held || tree.child(loop, Field.Alternative) !== 0) return undefined;
  // All of it is held up by, and holds up, whoever has something to tell.
  const others = [...siblings.slice(0, -1), ...waits.filter((one) => one !== statement)];
  const isShort =
    isFreeOfEffects(tree, tree.child(loop, Field.Condition)) && others.every((one) => isLight(tree, one));
  if (!isShort || ![loop, held, ...waits].every((one) => place.ownsLines(one))) return undefined;
  const indent = source.indentAt(tree.start(loop));
  const inner = indent + source.unit;
  const head = reindented(source, tree.start(loop), source.lineStart(tree.start(held)), inner);
  const first = withLeadingComments(source, clause!, waits[0]!);
  if (losesComment(source, tree.start(held), first, [])) return undefined;
  const body = statementsAt(source, waits, source.indentAt(tree.start(held)) + source.unit, [], first);
  const text = `with ${condition}:${source.eol}${head}${body}`;
  const end = source.lineEnd(tree.end(waits.at(-1)!));
  return place.fix(
    `Test and wait under one lock: \`with ${condition}:\` around the loop`,
    [source.replace(tree.start(loop), end, text)],
    false,
  );
}

/** `c.notify()` without the lock: take it for the call. */
export function notifyUnderLock(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  if (call === undefined || !call.name.startsWith("notify")) return undefined;
  if (tree.parent(place.node) !== statement || !place.ownsLines(statement)) return undefined;
  for (let at = tree.parent(statement); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.WithStatement) {
      return place.refused(
        "Take the condition's lock for the call",
        "Another lock is held here already; make the condition over that one, with `Condition(lock)`.",
      );
    }
    if (tree.kind(at) === Kind.FunctionDefinition) break;
  }
  const condition = tree.source(call.receiver);
  const indent = source.indentAt(tree.start(statement));
  const body = reindented(source, tree.start(statement), tree.end(statement), indent + source.unit);
  const edits: TextEdit[] = [
    source.replace(tree.start(statement), tree.end(statement), `with ${condition}:${source.eol}${body}`),
  ];
  return place.fix(`Take the lock for the call: \`with ${condition}:\``, edits, false);
}
