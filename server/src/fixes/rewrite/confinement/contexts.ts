// Context variables for tasks of other threads: each task runs in a copy of a context.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { bodyOf, executedNodes, functionAround, lastName } from "../../scopes.ts";
import { isPositional } from "../calls/threads.ts";
import type { Place } from "../place.ts";
import { methodCall } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { mapInCopies, mapOfCopies } from "./contextMaps.ts";

/** `submit(job)` becomes `submit(contextvars.copy_context().run, job)`: the task sees what its submitter sees. */
export function contextOfSubmitter(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  if (call === undefined) return undefined;
  const title = "Run the task in a copy of the context of the code that submits it";
  if (call.name === "map") return mapInCopies(place, place.node);
  const at = { submit: 0, run_in_executor: 1 }[call.name];
  if (at === undefined) return undefined;
  const before = call.args.slice(0, at + 1);
  const job = before[at];
  if (job === undefined || before.some((arg) => !isPositional(tree.kind(arg)))) return undefined;
  const member = moduleMember(source, "contextvars", "copy_context");
  if (member === undefined) return undefined;
  const run = `${member.expression}().run`;
  // Arguments on lines of their own stay so.
  const gap = source.isFirstOnLine(tree.start(job)) ? source.eol + source.indentAt(tree.start(job)) : " ";
  return place.fix(
    `${title}: \`${run}\` (what it sets, nobody else sees)`,
    [...member.edits, source.insert(tree.start(job), `${run},${gap}`)],
    false,
  );
}

/** `submit(context.run, job)`, `Thread(context=context)`: a context can be entered once at a time, a copy by each. */
export function copyOfContext(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const found = [...subtree(place)].filter((node) => handsOn(place, node));
  const [use] = found;
  if (use === undefined || found.length !== 1) return undefined;
  const context =
    tree.kind(use) === Kind.Attribute ? tree.child(use, Field.Object) : tree.child(use, Field.Value);
  const name = tree.source(context);
  const title = `Give each its own copy: \`${name}.copy()\` (they no longer see each other's changes)`;
  if (/\bmap$/.test(calleeOf(place, use))) return mapOfCopies(place, use);
  // All of them: a context that one thread is inside of must not be copied by another, as values are replaced in it.
  const edits = handedOn(place, name).map((at) => source.insert(at, ".copy()"));
  return place.fix(title, edits, false);
}

/** Where the function names the context to hand it to a thread: the offsets behind its name. */
function handedOn(place: Place, name: string): number[] {
  const { tree } = place;
  const fn = functionAround(tree, place.node);
  const uses = [...executedNodes(tree, fn === 0 ? [0] : bodyOf(tree, fn))].filter(
    (node) => handsOn(place, node) && tree.field(node) !== Field.Function,
  );
  const contexts = uses.map((use) => tree.child(use, Field.Object) || tree.child(use, Field.Value));
  return contexts.filter((context) => tree.source(context) === name).map((context) => tree.end(context));
}

/** `Thread(target=work)`: the thread runs in a copy of its maker's context, on every build. */
export function contextOfStarter(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = place.node;
  if (tree.kind(call) !== Kind.Call || isSetBehind(place, call)) return undefined;
  const list = tree.childrenOf(call, Field.Arguments);
  const isTimer = lastName(tree.source(tree.child(call, Field.Function))) === "Timer";
  const keyword = (name: string) =>
    list.find(
      (a) => tree.kind(a) === Kind.KeywordArgument && tree.source(tree.child(a, Field.Name)) === name,
    );
  const member = moduleMember(source, "contextvars", "copy_context");
  const target = isTimer ? list[1] : tree.child(keyword("target") ?? 0, Field.Value);
  if (member === undefined || target === undefined || target === 0) return undefined;
  if (!isPositional(tree.kind(target))) return undefined;
  const title = "Start it in a copy of the context of the code that starts it";
  const copy = `${member.expression}()`;
  if (place.target !== "3.13" && !isTimer) {
    const gap = source.isFirstOnLine(tree.start(list.at(-1)!))
      ? source.eol + source.indentAt(tree.start(list.at(-1)!))
      : " ";
    const edit = source.insert(tree.end(list.at(-1)!), `,${gap}context=${copy}`);
    return place.fix(`${title}: \`context=${copy}\``, [...member.edits, edit], false);
  }
  const args = isTimer ? (list[2] ?? 0) : tree.child(keyword("args") ?? 0, Field.Value);
  const job = tree.source(target);
  const edits = [source.replace(tree.start(target), tree.end(target), `${copy}.run`)];
  if (args === 0) {
    const given = isTimer ? `(${job},)` : `args=(${job},)`;
    edits.push(source.insert(tree.end(target), `, ${given}`));
  } else {
    const first = tree.children(args)[0];
    if ((tree.kind(args) !== Kind.Tuple && tree.kind(args) !== Kind.List) || first === undefined)
      return undefined;
    const isOnly = tree.kind(args) === Kind.Tuple && tree.children(args).length === 1;
    edits.push(source.insert(tree.start(first), `${job}, `));
    // `(job, x,)` would be laid out over several lines.
    if (isOnly) edits.push(source.replace(tree.end(first), tree.end(args), ")"));
  }
  return place.fix(`${title}: \`${copy}.run\``, [...member.edits, ...edits], false);
}

/** The thread is made here and started later: what is set in between would be missing in a copy made now. */
function isSetBehind({ tree }: Place, call: number): boolean {
  const fn = functionAround(tree, call);
  return [...executedNodes(tree, fn === 0 ? [0] : bodyOf(tree, fn))].some(
    (node) => node > call && methodCall(tree, node)?.name === "set",
  );
}

/** `context.run` or `context=context`. */
function handsOn({ tree }: Place, node: number): boolean {
  if (tree.kind(node) === Kind.Attribute) return /^\w+\.run$/.test(tree.source(node));
  return tree.kind(node) === Kind.KeywordArgument && /^context\s*=\s*\w+$/.test(tree.source(node));
}

function calleeOf({ tree }: Place, node: number): string {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.Call) return tree.source(tree.child(at, Field.Function));
  }
  return "";
}

function* subtree({ tree, node }: Place): Iterable<number> {
  const end = tree.subtreeEnd(node);
  for (let at = node; at < end; at += 1) yield at;
}
