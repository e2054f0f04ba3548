// Waiting for a condition: the test belongs in a loop, or in `wait_for`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import type { Place } from "../place.ts";
import { isFreeOfEffects, methodCall, negated } from "../text/expressions.ts";
import { reindented } from "../text/layout.ts";

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
