// Threads and loops that are called the wrong way round: `run` for `start`, the loop's own methods from outside.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { bodyOf, functionAround, nameOf } from "../../scopes.ts";
import { leaves, oneLine } from "../oneStep/tryInstead.ts";
import type { Place } from "../place.ts";
import { isPlain, methodCall } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { reindented } from "../text/layout.ts";

/** `thread.run()` runs it here; `start()` runs it on a thread of its own. */
export function startInstead(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  if (call?.name !== "run" || call.args.length > 0) return undefined;
  if (tree.kind(tree.parent(place.node)) !== Kind.ExpressionStatement) return undefined;
  const name = tree.child(tree.child(place.node, Field.Function), Field.Attribute);
  const edit = source.replace(tree.start(name), tree.end(name), "start");
  return place.fix("Start the thread: `start()` (what follows no longer waits for it)", [edit], false);
}

const loopMethods = new Set(["call_soon", "call_later", "call_at", "stop"]);
const futureMethods = new Set(["set_result", "set_exception", "cancel"]);

/** Calls of the event loop, its futures and tasks from another thread go through the loop's own door. */
export function throughTheLoop(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.kind(place.node) === Kind.Call ? place.node : tree.parent(place.node);
  if (methodCall(tree, call) === undefined) return undefined;
  const callee = tree.child(call, Field.Function);
  if (tree.kind(tree.parent(call)) !== Kind.ExpressionStatement) return undefined;
  const receiver = tree.child(callee, Field.Object);
  if (!isPlain(tree, receiver)) return undefined;
  const [object, name] = [tree.source(receiver), tree.source(tree.child(callee, Field.Attribute))];
  const args = tree.childrenOf(call, Field.Arguments);
  if (args.some((arg) => !isPositional(tree.kind(arg)))) return undefined;
  const list = args.map((arg) => tree.source(arg));
  const replace = (text: string) => [source.replace(tree.start(call), tree.end(call), text)];
  if (name === "call_soon") {
    const text = `${object}.call_soon_threadsafe(${list.join(", ")})`;
    return place.fix("Wake the loop from this thread: `call_soon_threadsafe`", replace(text), false);
  }
  if (loopMethods.has(name) || futureMethods.has(name)) {
    const loop = loopMethods.has(name) ? object : `${object}.get_loop()`;
    const text = `${loop}.call_soon_threadsafe(${[`${object}.${name}`, ...list].join(", ")})`;
    const title = `Let the loop do it: \`${oneLine(text)}\` (a moment later, on the loop's thread)`;
    return place.fix(title, replace(text), false);
  }
  // `asyncio.create_task` looks for a loop of this thread; which one was meant, the code does not say.
  if (name !== "create_task" || list.length !== 1 || object === "asyncio") return undefined;
  const member = moduleMember(source, "asyncio", "run_coroutine_threadsafe");
  if (member === undefined) return undefined;
  const text = `${member.expression}(${list[0]}, ${object})`;
  const title = `Hand the coroutine over: \`${oneLine(text)}\` (gives a concurrent.futures.Future)`;
  return place.fix(title, [...member.edits, ...replace(text)], false);
}

export function isPositional(kind: Kind): boolean {
  return kind !== Kind.KeywordArgument && kind !== Kind.ListSplat && kind !== Kind.DictionarySplat;
}

/** A thread that `__init__` starts too early is started as the last thing. */
export function startLast(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const init = functionAround(tree, statement);
  if (init === 0 || nameOf(tree, init) !== "__init__") return undefined;
  if (tree.parent(place.node) !== statement || methodCall(tree, place.node)?.name !== "start")
    return undefined;
  const body = bodyOf(tree, init);
  const at = body.indexOf(statement);
  const last = body.at(-1)!;
  if (at < 0 || last === statement || leaves(tree, body)) return undefined;
  if (!place.ownsLines(statement) || !source.isFirstOnLine(tree.start(last))) return undefined;
  const start = source.lineStart(tree.start(statement));
  const nextLine = source.text.indexOf("\n", tree.end(statement)) + 1;
  const indent = source.indentAt(tree.start(statement));
  const line = reindented(source, tree.start(statement), source.lineEnd(tree.end(statement)), indent);
  return place.fix(
    "Start the thread as the last step of `__init__` (subclasses must still do their part before)",
    [source.replace(start, nextLine, ""), source.insert(source.endOfStatementLine(last), source.eol + line)],
    false,
  );
}
