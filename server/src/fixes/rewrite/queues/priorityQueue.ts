// A list that threads use as a heap: `queue.PriorityQueue` is a heap with a lock of its own.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { lastName } from "../../scopes.ts";
import type { Source } from "../../source.ts";
import type { Place } from "../place.ts";
import { mentionsOf } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";

/** Every `heappush(heap, x)` becomes `heap.put(x)`, every `heappop(heap)` becomes `heap.get_nowait()`. */
export function priorityQueue(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = lastName(place.finding.symbol);
  const made = moduleMember(source, "queue", "PriorityQueue");
  const mentions = mentionsOf(tree, name);
  if (made === undefined || mentions === undefined || !/^\w+$/.test(name)) return undefined;
  const empty = moduleMember(source, "queue", "Empty");
  if (empty === undefined || (made.edits.length > 0 && !made.expression.startsWith("queue.")))
    return undefined;
  const edits: TextEdit[] = [...made.edits];
  let starts = 0;
  for (const whole of mentions) {
    const start = startOf(tree, whole);
    const call = start === 0 ? heapCall(tree, whole) : undefined;
    if (start !== 0) {
      starts += 1;
      edits.push(source.replace(tree.start(start), tree.end(start), `${made.expression}()`));
    } else if (call !== undefined) {
      const changed = editsOfCall(source, call, whole, empty.expression);
      if (changed === undefined) return undefined;
      for (const edit of changed) if (!edits.some((e) => e.start === edit.start)) edits.push(edit);
    } else return undefined;
  }
  if (starts !== 1) return undefined;
  // A new `import queue` serves both names.
  const pops = edits.some(({ newText }) => newText.endsWith(".get_nowait()"));
  if (pops && made.edits.length === 0) edits.push(...empty.edits);
  return place.fix(
    `Keep it in a \`${made.expression}\`, which has a lock of its own (a look at it empty raises \`${empty.expression}\`)`,
    edits,
    false,
  );
}

/** The `[]` that is assigned to it. */
function startOf(tree: CompactTree, target: number): number {
  const assignment = tree.parent(target);
  if (tree.kind(assignment) !== Kind.Assignment || tree.field(target) !== Field.Left) return 0;
  const value = tree.child(assignment, Field.Right);
  const isEmpty = tree.kind(value) === Kind.List && tree.children(value).length === 0;
  return isEmpty && tree.child(assignment, Field.Type) === 0 ? value : 0;
}

interface HeapCall {
  readonly node: number;
  readonly name: "heappush" | "heappop" | "len";
  readonly args: readonly number[];
}

function heapCall(tree: CompactTree, container: number): HeapCall | undefined {
  const list = tree.parent(container);
  const node = tree.parent(list);
  if (tree.kind(list) !== Kind.ArgumentList || tree.kind(node) !== Kind.Call) return undefined;
  const args = tree.childrenOf(node, Field.Arguments);
  const name = lastName(tree.source(tree.child(node, Field.Function)));
  if (args[0] !== container || args.some((arg) => tree.kind(arg) === Kind.KeywordArgument)) return undefined;
  if (name === "heappush" && args.length === 2) return { node, name, args };
  return (name === "heappop" || name === "len") && args.length === 1 ? { node, name, args } : undefined;
}

/** Undefined where something else than the heap may raise the `IndexError` that is caught. */
function editsOfCall(
  source: Source,
  { node, name, args }: HeapCall,
  container: number,
  empty: string,
): TextEdit[] | undefined {
  const { tree } = source;
  const heap = tree.source(container);
  if (name === "len") return [source.replace(tree.start(node), tree.end(node), `${heap}.qsize()`)];
  if (name === "heappush") {
    return [source.replace(tree.start(node), tree.start(args[1]!), `${heap}.put(`)];
  }
  const edits = [source.replace(tree.start(node), tree.end(node), `${heap}.get_nowait()`)];
  for (let at = node; at > 0 && tree.kind(at) !== Kind.FunctionDefinition; at = tree.parent(at)) {
    const around = tree.parent(at);
    if (tree.kind(around) !== Kind.TryStatement || tree.field(at) !== Field.Body) continue;
    for (const handler of tree.children(around).filter((c) => tree.kind(c) === Kind.ExceptClause)) {
      const caught = /^except\s+IndexError(?=\s*:|\s+as\b)/.exec(tree.source(handler));
      if (caught === null) {
        if (/\b(IndexError|LookupError)\b/.test(tree.source(handler).split("\n")[0]!)) return undefined;
        continue;
      }
      if (tree.children(at).length > 1) return undefined;
      const end = tree.start(handler) + caught[0].length;
      edits.push(source.replace(end - "IndexError".length, end, empty));
    }
  }
  return edits;
}
