// Keys that are tested and then used: `pop`, `discard` and `get` do both in one step; else an exception tells.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { comparison, isConstant, isFreeOfEffects, methodCall, negated } from "../text/expressions.ts";
import { losesComment } from "../text/layout.ts";
import { removalOf } from "./removal.ts";
import { type Act, leaves, oneLine, tryInstead } from "./tryInstead.ts";

/** `d[k]` or `s.remove(k)`, taken apart. */
interface KeyUse {
  readonly container: number;
  readonly key: number;
  readonly kind: "item" | "remove" | "pop";
}

export function testedKey(place: Place): TextFix | undefined {
  const { tree } = place;
  const use = keyUse(place, place.node);
  if (use === undefined) return undefined;
  const container = tree.source(use.container);
  const kind = kindOf(tree, container);
  if (kind !== "dict" && kind !== "set") return undefined;
  const act: Act = {
    node: place.node,
    text: tree.source(place.node),
    exception: "KeyError",
    edits: [],
    name: "value",
    isValue: use.kind === "item",
    parts: [use.container, use.key],
    isKnown: true,
    ...(kind === "dict" && use.kind === "item" && { removal: removalOf(tree, use) }),
    test: (condition) => keyTest(place, condition, use),
  };
  return removeInOneStep(place, act, use, kind) ?? getWithDefault(place, act, use) ?? tryInstead(place, act);
}

function keyUse({ tree }: Place, node: number): KeyUse | undefined {
  if (tree.kind(node) === Kind.Subscript) {
    const keys = tree.children(node).filter((c) => tree.field(c) === Field.Subscript);
    if (keys.length !== 1 || tree.kind(keys[0]!) === Kind.Slice) return undefined;
    return { container: tree.child(node, Field.Value), key: keys[0]!, kind: "item" };
  }
  const call = methodCall(tree, node);
  if (call === undefined || call.args.length !== 1) return undefined;
  if (call.name !== "remove" && call.name !== "pop") return undefined;
  return { container: call.receiver, key: call.args[0]!, kind: call.name };
}

function keyTest({ tree }: Place, condition: number, use: KeyUse): 1 | -1 | 0 {
  const inner = negated(tree, condition);
  const test = comparison(tree, inner === 0 ? condition : inner);
  if (test === undefined || (test.operator !== "in" && test.operator !== "not in")) return 0;
  const isSame =
    tree.source(test.left) === tree.source(use.key) &&
    tree.source(test.right).replace(/\.keys\(\)$/, "") === tree.source(use.container);
  if (!isSame) return 0;
  return (test.operator === "in") === (inner === 0) ? 1 : -1;
}

/** `if k in d: del d[k]` is `d.pop(k, None)`, and `if x in s: s.remove(x)` is `s.discard(x)`. */
function removeInOneStep(place: Place, act: Act, use: KeyUse, kind: "dict" | "set"): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const head = tree.parent(tree.parent(statement));
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement) return undefined;
  if (tree.field(tree.parent(statement)) !== Field.Consequence) return undefined;
  const only = tree.children(tree.parent(statement)).length === 1;
  if (!only || tree.child(head, Field.Alternative) !== 0) return undefined;
  if (act.test(tree.child(head, Field.Condition)) !== 1) return undefined;
  if (!act.parts.every((part) => isFreeOfEffects(tree, part)) || !place.ownsLines(head)) return undefined;
  const isDelete = tree.kind(statement) === Kind.DeleteStatement && use.kind === "item";
  const isCall = tree.kind(statement) === Kind.ExpressionStatement && use.kind !== "item";
  if (!isDelete && !isCall) return undefined;
  if (isDelete && tree.parent(place.node) !== statement) return undefined;
  if (isCall && tree.parent(place.node) !== statement) return undefined;
  const [container, key] = [tree.source(use.container), tree.source(use.key)];
  if (use.kind === "remove" && kind !== "set") return undefined;
  const call = use.kind === "remove" ? `${container}.discard(${key})` : `${container}.pop(${key}, None)`;
  const start = tree.start(head);
  const end = source.lineEnd(tree.end(statement));
  const tail = source.text.slice(tree.end(statement), end);
  if (losesComment(source, start, tree.end(statement), [])) return undefined;
  return place.fix(
    `Remove in one step: \`${oneLine(call)}\``,
    [source.replace(start, end, call + tail)],
    true,
  );
}

/** `if k in d: return d[k]`, with a constant otherwise, is `return d.get(k, constant)`. */
function getWithDefault(place: Place, act: Act, use: KeyUse): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  if (use.kind !== "item" || tree.kind(statement) !== Kind.ReturnStatement) return undefined;
  if (tree.parent(place.node) !== statement) return undefined;
  const head = tree.parent(tree.parent(statement));
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement) return undefined;
  if (tree.field(tree.parent(statement)) !== Field.Consequence) return undefined;
  if (tree.children(tree.parent(statement)).length !== 1) return undefined;
  if (act.test(tree.child(head, Field.Condition)) !== 1) return undefined;
  if (!act.parts.every((part) => isFreeOfEffects(tree, part))) return undefined;
  const otherwise = tree.child(head, Field.Alternative);
  const other =
    otherwise !== 0
      ? tree.kind(otherwise) === Kind.ElseClause
        ? tree.childrenOf(otherwise, Field.Body)
        : []
      : [tree.next(head)].filter((next) => next !== 0);
  const [exit] = other;
  if (exit === undefined || other.length !== 1 || !leaves(tree, [exit])) return undefined;
  if (tree.kind(exit) !== Kind.ReturnStatement) return undefined;
  const value = tree.firstChild(exit);
  if (value !== 0 && !isConstant(tree, value)) return undefined;
  const last = otherwise === 0 ? exit : head;
  if (!source.isFirstOnLine(tree.start(head)) || !place.ownsLines(exit)) return undefined;
  const fallback = value === 0 || tree.kind(value) === Kind.None ? "" : `, ${tree.source(value)}`;
  const call = `${tree.source(use.container)}.get(${tree.source(use.key)}${fallback})`;
  if (losesComment(source, tree.start(head), source.lineEnd(tree.end(last)), [])) return undefined;
  return place.fix(
    `Look up in one step: \`${oneLine(call)}\``,
    [source.replace(tree.start(head), tree.end(last), `return ${call}`)],
    true,
  );
}
