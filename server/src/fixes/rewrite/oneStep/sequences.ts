// Lists, deques and queues that are asked for elements before one is taken: take one, and expect that there is none.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { bare, comparison, methodCall, negated } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { type Act, tryInstead } from "./tryInstead.ts";

/** `while jobs: jobs.pop()` and the like. */
export function testedSequence(place: Place): TextFix | undefined {
  const { tree } = place;
  const { node } = place;
  const container = taken(place);
  if (container === 0) return undefined;
  const kind = kindOf(tree, tree.source(container));
  if (kind !== "list" && kind !== "deque" && kind !== "set") return undefined;
  const isTaking = tree.kind(node) === Kind.Call;
  if (!isTaking && isTakenLater(place, tree.source(container))) return undefined;
  const act: Act = {
    node,
    text: tree.source(node),
    exception: kind === "set" ? "KeyError" : "IndexError",
    edits: [],
    name: "item",
    isValue: !isTaking,
    parts: [container],
    isKnown: true,
    test: (condition) => elementsTest(tree, condition, tree.source(container)),
  };
  return tryInstead(place, act);
}

/** `job = jobs[0]`, then `jobs.popleft()`: what is taken then may be another than was looked at. */
function isTakenLater(place: Place, container: string): boolean {
  const { tree, node } = place;
  const siblings = place.siblingsOf(place.statementOf(node));
  const later = siblings.slice(siblings.indexOf(place.statementOf(node)));
  return [...executedNodes(tree, later)].some((at) => {
    if (tree.kind(at) === Kind.DeleteStatement) return tree.source(at).includes(container);
    if (tree.kind(at) !== Kind.Call) return false;
    const call = methodCall(tree, at);
    if (call !== undefined && tree.source(call.receiver) === container) {
      return /^(pop|popleft|popitem|remove|clear)$/.test(call.name);
    }
    const isHeap = /(^|\.)heap(pop|replace|pushpop)$/.test(tree.source(tree.child(at, Field.Function)));
    return isHeap && tree.childrenOf(at, Field.Arguments).some((arg) => tree.source(arg) === container);
  });
}

/** The container of `x.pop()`, `x.pop(0)`, `x.popleft()`, `x[0]` and `x[-1]`; 0 for others. */
function taken({ tree, node }: Place): number {
  const call = methodCall(tree, node);
  if (call !== undefined) {
    const isTaking =
      (call.name === "pop" && call.args.every((arg) => /^(0|-1)$/.test(tree.source(arg)))) ||
      (call.name === "popleft" && call.args.length === 0);
    return isTaking ? call.receiver : 0;
  }
  if (tree.kind(node) !== Kind.Subscript) return 0;
  return /\[\s*(0|-1)\s*\]$/.test(tree.source(node)) ? tree.child(node, Field.Value) : 0;
}

/** What a condition says about there being elements: `x`, `not x`, `len(x)`, `len(x) > 0`, `len(x) == 0`. */
function elementsTest(tree: CompactTree, condition: number, container: string): 1 | -1 | 0 {
  const inner = negated(tree, condition);
  if (inner !== 0) return opposite(elementsTest(tree, inner, container));
  const node = bare(tree, condition);
  const names = [container, `len(${container})`];
  if (names.includes(tree.source(node))) return 1;
  const test = comparison(tree, node);
  if (test === undefined || tree.source(test.left) !== names[1]) return 0;
  return sizeTest(test.operator, tree.source(test.right));
}

function opposite(answer: 1 | -1 | 0): 1 | -1 | 0 {
  return answer === 0 ? 0 : answer === 1 ? -1 : 1;
}

function sizeTest(operator: string, number: string): 1 | -1 | 0 {
  const test = `${operator} ${number}`;
  if (test === "> 0" || test === ">= 1" || test === "!= 0") return 1;
  return test === "== 0" || test === "< 1" || test === "<= 0" ? -1 : 0;
}

/** `while not q.empty(): q.get()` and `if not q.full(): q.put(x)`. */
export function testedQueue(place: Place): TextFix | undefined {
  const { tree, node } = place;
  const call = methodCall(tree, node);
  if (call === undefined) return undefined;
  const isGet = /^get(_nowait)?$/.test(call.name) && call.args.length === 0;
  const isPut = /^put(_nowait)?$/.test(call.name) && call.args.length === 1;
  if (!isGet && !isPut) return undefined;
  const queue = tree.source(call.receiver);
  if (kindOf(tree, queue) !== "queue") return undefined;
  const exception = moduleMember(place.source, "queue", isGet ? "Empty" : "Full");
  if (exception === undefined) return undefined;
  const args = isPut ? tree.source(call.args[0]!) : "";
  return tryInstead(place, {
    node,
    text: `${queue}.${isGet ? "get" : "put"}_nowait(${args})`,
    exception: exception.expression,
    edits: exception.edits,
    name: "item",
    isValue: false,
    parts: [call.receiver],
    isKnown: true,
    test: (condition) => queueTest(tree, condition, queue, isGet),
  });
}

function queueTest(tree: CompactTree, condition: number, queue: string, isGet: boolean): 1 | -1 | 0 {
  const inner = negated(tree, condition);
  if (inner !== 0) return opposite(queueTest(tree, inner, queue, isGet));
  const source = tree.source(bare(tree, condition));
  if (source === `${queue}.${isGet ? "empty" : "full"}()`) return -1;
  if (!isGet) return 0;
  if (source === `${queue}.qsize()`) return 1;
  const test = comparison(tree, condition);
  if (test === undefined || tree.source(test.left) !== `${queue}.qsize()`) return 0;
  return sizeTest(test.operator, tree.source(test.right));
}
