// Which locks are held where: with statements, acquire and release, conditional acquire, ExitStack.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { Collector } from "./collect.ts";

/** Enters a with statement's items from left to right; the caller restores the context behind its body. */
export function enterWithItems(collector: Collector, node: number): void {
  const { tree, record, expressions } = collector;
  const isAsync = tree.text.startsWith("async", tree.start(node));
  const clause = tree.children(node).find((c) => tree.kind(c) === Kind.WithClause);
  if (clause === undefined) return;
  if (isAsync) record.suspend("await", tree.start(clause), tree.end(clause));
  for (const item of withItems(collector, clause)) {
    const isAs = tree.kind(item) === Kind.AsPattern;
    const expression = isAs ? tree.children(item)[0]! : item;
    if (tree.kind(expression) === Kind.Call) collector.expressions.calls.visit(expression, true);
    else expressions.visit(expression);
    const place = expressions.place(expression);
    if (isAs) {
      const alias = tree.children(item).find((c) => tree.kind(c) === Kind.AsPatternTarget);
      if (alias !== undefined) {
        collector.statements.target(alias);
        bindAs(collector, alias, expression);
      }
    }
    if (place >= 0) {
      record.enter("lock", tree.start(expression), { place, detail: isAsync ? "async" : "with" });
    }
  }
}

function withItems(collector: Collector, clause: number): number[] {
  const { tree } = collector;
  return tree.children(clause).flatMap((item) => {
    if (tree.kind(item) !== Kind.WithItem) return [];
    const value = tree.child(item, Field.Value) || tree.children(item)[0] || 0;
    // `with (a, b):` is read as one tuple.
    return tree.kind(value) === Kind.Tuple ? tree.children(value) : [value];
  });
}

/** `with Executor() as pool`: the name is bound to the call's result. */
function bindAs(collector: Collector, alias: number, expression: number): void {
  const { tree, record, expressions } = collector;
  const name = tree.children(alias)[0];
  if (name === undefined) return;
  const place = expressions.place(name);
  if (place < 0) return;
  const isCall = tree.kind(expression) === Kind.Call;
  const source = expressions.place(isCall ? tree.child(expression, Field.Function) : expression);
  record.bindings.push({
    place,
    fn: record.frame.fn,
    value: isCall ? "call" : "place",
    source,
    annotation: "",
    start: tree.start(name),
    end: tree.end(name),
    empty: false,
  });
  if (isCall && record.calls.length > 0) record.bindResult(record.calls.length - 1, place);
}

/** After `x.acquire()` the lock is held by what follows in the block; after `x.release()` it is not. */
export function lockAfterStatement(collector: Collector, node: number): void {
  const { tree, record } = collector;
  if (tree.kind(node) === Kind.TryStatement) {
    const final = tree.children(node).find((c) => tree.kind(c) === Kind.FinallyClause);
    if (final === undefined) return;
    const block = tree.children(final).find((c) => tree.kind(c) === Kind.Block);
    for (const statement of block === undefined ? [] : tree.children(block)) {
      const found = lockCall(collector, statement);
      if (found?.method === "release") release(collector, found.place);
    }
    return;
  }
  const found = lockCall(collector, node);
  if (found === undefined) return;
  if (found.method === "release") release(collector, found.place);
  else record.enter("lock", tree.start(node), { place: found.place, detail: found.waits ? "acquire" : "" });
}

const acquiring = new Set([
  "acquire",
  "acquire_lock",
  "enter_context",
  "__enter__",
  "lock",
  "acquire_write",
  "acquire_read",
]);

interface LockCall {
  readonly place: number;
  readonly method: string;
  /** Whether it goes on only with the lock: no timeout, no `blocking=False`. */
  readonly waits: boolean;
}

function lockCall(collector: Collector, statement: number): LockCall | undefined {
  const { tree, expressions } = collector;
  if (tree.kind(statement) !== Kind.ExpressionStatement) return undefined;
  let call = tree.children(statement)[0];
  if (call !== undefined && tree.kind(call) === Kind.Assignment) call = tree.child(call, Field.Right);
  if (call !== undefined && tree.kind(call) === Kind.Await) return undefined;
  if (call === undefined || tree.kind(call) !== Kind.Call) return undefined;
  const callee = tree.child(call, Field.Function);
  if (tree.kind(callee) !== Kind.Attribute) return undefined;
  const method = tree.source(tree.child(callee, Field.Attribute));
  const isRelease =
    method === "release" || method === "__exit__" || method === "release_lock" || method === "unlock";
  if (!isRelease && !acquiring.has(method)) return undefined;
  if (method === "enter_context") {
    const argument = tree.childrenOf(call, Field.Arguments)[0];
    const place = argument === undefined ? -1 : expressions.place(argument);
    return place < 0 ? undefined : { place, method: "acquire", waits: true };
  }
  const waits = tree
    .childrenOf(call, Field.Arguments)
    .every((argument) => /^(block(ing)?\s*=\s*)?True$/.test(tree.source(argument)));
  const place = expressions.place(tree.child(callee, Field.Object));
  return place < 0 ? undefined : { place, method: isRelease ? "release" : "acquire", waits };
}

function release(collector: Collector, place: number): void {
  const { record } = collector;
  const dropped: number[] = [];
  let at = record.context;
  while (at !== 0 && !(record.contexts[at]!.kind === "lock" && record.contexts[at]!.place === place)) {
    dropped.push(at);
    at = record.contexts[at]!.parent;
  }
  if (at === 0) return;
  record.context = record.contexts[at]!.parent;
  record.reenter(dropped.reverse());
}

/** `if lock.acquire(timeout=1): …` holds it inside; `if not lock.acquire(…): return` holds it afterwards. */
export function lockTakenByTest(
  collector: Collector,
  condition: number,
): { whenTrue: number; whenFalse: number } {
  const { tree, expressions } = collector;
  let at = condition;
  while (tree.kind(at) === Kind.ParenthesizedExpression) at = tree.firstChild(at);
  const negated = tree.kind(at) === Kind.NotOperator;
  if (negated) at = tree.child(at, Field.Argument);
  if (tree.kind(at) !== Kind.Call) return { whenTrue: -1, whenFalse: -1 };
  const callee = tree.child(at, Field.Function);
  if (
    tree.kind(callee) !== Kind.Attribute ||
    tree.source(tree.child(callee, Field.Attribute)) !== "acquire"
  ) {
    return { whenTrue: -1, whenFalse: -1 };
  }
  const place = expressions.place(tree.child(callee, Field.Object));
  return negated ? { whenTrue: -1, whenFalse: place } : { whenTrue: place, whenFalse: -1 };
}
