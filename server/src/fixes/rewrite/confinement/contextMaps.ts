// `pool.map` with context variables: every task runs in its own copy of one context, in the order of the items.
// Copying a context that nobody enters takes one step in CPython: it shares the immutable table of values.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { bindsLocally, executedNodes, functionAround, nameOf, parametersOf } from "../../scopes.ts";
import { isPositional } from "../calls/threads.ts";
import type { Place } from "../place.ts";
import { isPlain, methodCall } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { freshLocal } from "../text/localNames.ts";

const inOrder = "each task in a copy of its own, results in the same order";

/** `pool.map(job, items)` to `pool.map(lambda item: context.copy().run(job, item), items)`. */
export function mapInCopies(place: Place, call: number): TextFix {
  const { tree, source } = place;
  const title = "Run the tasks in copies of the context of the code that submits them";
  const refused = (reason: string) => place.refused(title, reason);
  const [job, ...items] = tree.childrenOf(call, Field.Arguments);
  const statement = place.statementOf(call);
  const parts = job === undefined ? undefined : taskOf(tree, job, items);
  if (job === undefined || parts === undefined || !isSettled(tree, job))
    return refused("What the tasks call is no plain name that stays the same; submit each task.");
  if (!isReachedOnce(tree, statement, call))
    return refused("The context would have to be copied anew each time; submit each task.");
  const member = moduleMember(source, "contextvars", "copy_context");
  if (member === undefined || !source.isFirstOnLine(tree.start(statement)))
    return refused("There is no line for the copy of the context; submit each task.");
  const name = freshLocal(tree, "context", call);
  const text = `lambda ${parts.parameters}: ${name}.copy().run(${tree.source(job)}, ${parts.given})`;
  const line = `${name} = ${member.expression}()${source.eol}${source.indentAt(tree.start(statement))}`;
  return place.fix(
    `${title} (${inOrder})`,
    [
      ...member.edits,
      source.insert(tree.start(statement), line),
      source.replace(tree.start(job), tree.end(job), text),
    ],
    false,
  );
}

/** `pool.map(context.run, jobs)` to `pool.map(lambda job: context.copy().run(job), jobs)`. */
export function mapOfCopies(place: Place, use: number): TextFix {
  const { tree, source } = place;
  const context = tree.source(tree.child(use, Field.Object));
  const title = `Give each its own copy: \`${context}.copy()\``;
  const call = callOf(tree, use);
  const [first, ...items] = tree.childrenOf(call, Field.Arguments);
  const parts = first === use ? taskOf(tree, use, items) : undefined;
  const fn = functionAround(tree, use);
  const others = [...executedNodes(tree, fn === 0 ? [0] : tree.childrenOf(fn, Field.Body))].filter(
    (node) => tree.kind(node) === Kind.Identifier && tree.source(node) === context,
  );
  // Made, and used here: nobody else can be inside of it while it is copied.
  if (parts === undefined || others.length !== 2) {
    return place.refused(
      title,
      "`map` runs all its tasks in the one context it is given, which others use too; submit each.",
    );
  }
  const text = `lambda ${parts.parameters}: ${context}.copy().run(${parts.given})`;
  return place.fix(
    `${title} (${inOrder}; they no longer see each other's changes)`,
    [source.replace(tree.start(use), tree.end(use), text)],
    false,
  );
}

/** Names for what `map` hands to each task. */
function taskOf(
  tree: CompactTree,
  job: number,
  items: readonly number[],
): { parameters: string; given: string } | undefined {
  const isKeyword = (arg: number) => tree.kind(arg) === Kind.KeywordArgument;
  const iterables = items.filter((item) => !isKeyword(item));
  if (iterables.length === 0 || !iterables.every((item) => isPositional(tree.kind(item)))) return undefined;
  if (iterables.length > 1) return { parameters: "*args", given: "*args" };
  const declared = firstParameter(tree, tree.source(job));
  const name = declared ?? (tree.source(job).endsWith(".run") ? "job" : "item");
  return { parameters: name, given: name };
}

/** The name that the function of the file itself has for it. */
function firstParameter(tree: CompactTree, job: string): string | undefined {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.FunctionDefinition || nameOf(tree, node) !== job) continue;
    const [only] = parametersOf(tree, node);
    return only === job ? undefined : only;
  }
  return undefined;
}

/** A lambda looks its names up when it runs: a function, a parameter, a method. */
function isSettled(tree: CompactTree, job: number): boolean {
  if (!isPlain(tree, job)) return false;
  if (tree.kind(job) !== Kind.Identifier && tree.kind(job) !== Kind.Attribute) return false;
  const root = /^\w+/.exec(tree.source(job))![0];
  const fn = functionAround(tree, job);
  if (fn === 0 || parametersOf(tree, fn).includes(root) || !bindsLocally(tree, fn, root)) return true;
  return tree
    .childrenOf(fn, Field.Body)
    .some((s) => tree.kind(s) === Kind.FunctionDefinition && nameOf(tree, s) === root);
}

/** A statement that evaluates the call once each time it runs, and is not run again before the tasks are done. */
function isReachedOnce(tree: CompactTree, statement: number, call: number): boolean {
  const kind = tree.kind(statement);
  if (kind === Kind.ForStatement) {
    const right = tree.child(statement, Field.Right);
    if (call < right || call >= tree.subtreeEnd(right)) return false;
  } else if (kind !== Kind.ExpressionStatement && kind !== Kind.ReturnStatement) return false;
  for (let at = tree.parent(call); at > 0; at = tree.parent(at)) {
    const around = tree.kind(at);
    if (around === Kind.FunctionDefinition) return true;
    if (around === Kind.Lambda || around === Kind.ForInClause) return false;
    const isLoop = around === Kind.ForStatement || around === Kind.WhileStatement;
    if (isLoop && at !== statement) return false;
  }
  return true;
}

function callOf(tree: CompactTree, node: number): number {
  let at = tree.parent(node);
  while (at > 0 && tree.kind(at) !== Kind.Call) at = tree.parent(at);
  return methodCall(tree, at) === undefined ? 0 : at;
}
