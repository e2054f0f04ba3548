// `if use_cache and k in d: return d[k]`: the look-up itself says whether the key is there, for mappings of all kinds
// and behind further conditions.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { binds, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { bare, comparison, isFreeOfEffects } from "../text/expressions.ts";
import { losesComment } from "../text/layout.ts";

/** Mappings whose look-up makes an entry, so that no exception comes. */
const makesEntries = /\b(defaultdict|Counter)\b/;

export function lookedUpAtOnce(place: Place): TextFix | undefined {
  const { tree, source, node } = place;
  if (tree.kind(node) !== Kind.Subscript) return undefined;
  const statement = place.statementOf(node);
  const head = tree.parent(tree.parent(statement));
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement || tree.child(head, Field.Alternative) !== 0) {
    return undefined;
  }
  const isOnly = tree.children(tree.parent(statement)).length === 1;
  // The look-up is all that is tried, so that a KeyError means the missing key.
  const isReturned = tree.kind(statement) === Kind.ReturnStatement && tree.firstChild(statement) === node;
  if (!isOnly || !isReturned) return undefined;
  const rest = withoutTest(place, tree.child(head, Field.Condition), node);
  if (rest === undefined || !isFreeOfEffects(tree, node)) return undefined;
  if (isInTry(tree, head) || isMadeByLookUp(tree, tree.source(tree.child(node, Field.Value))))
    return undefined;
  if (!place.ownsLines(head) || losesComment(source, tree.start(head), tree.end(head), [])) return undefined;

  const { eol, unit } = source;
  const indent = source.indentAt(tree.start(head));
  const inner = rest === "" ? indent : indent + unit;
  const lines = [
    ...(rest === "" ? [] : [`if ${rest}:`]),
    `${rest === "" ? "" : inner}try:`,
    `${inner}${unit}return ${tree.source(node)}`,
    `${inner}except KeyError:`,
    `${inner}${unit}pass`,
  ];
  const isBuiltIn = kindOf(tree, tree.source(tree.child(node, Field.Value))) === "dict";
  const words = tree.source(node).replace(/\s+/g, " ");
  return place.fix(
    `Look up at once: \`${words}\`, and \`KeyError\` if the key is missing`,
    [source.replace(tree.start(head), tree.end(head), lines.join(eol))],
    isBuiltIn,
  );
}

/** What is left of the condition without `k in d`, its last part; undefined when that is not there. */
function withoutTest({ tree }: Place, condition: number, use: number): string | undefined {
  const keys = tree.children(use).filter((child) => tree.field(child) === Field.Subscript);
  if (keys.length !== 1 || tree.kind(keys[0]!) === Kind.Slice) return undefined;
  const isIt = (part: number) => {
    const test = comparison(tree, part);
    return (
      test?.operator === "in" &&
      tree.source(test.left) === tree.source(keys[0]!) &&
      tree.source(test.right).replace(/\.keys\(\)$/, "") === tree.source(tree.child(use, Field.Value))
    );
  };
  const whole = bare(tree, condition);
  if (isIt(whole)) return "";
  if (tree.kind(whole) !== Kind.BooleanOperator) return undefined;
  const left = tree.child(whole, Field.Left);
  const right = tree.child(whole, Field.Right);
  const operator = tree.text.slice(tree.end(left), tree.start(right)).trim();
  const isOneLine = !tree.source(left).includes("\n");
  return operator === "and" && isIt(right) && isOneLine && isFreeOfEffects(tree, left)
    ? tree.source(left)
    : undefined;
}

/** A handler around would have seen the KeyError. */
function isInTry(tree: CompactTree, statement: number): boolean {
  for (let at = tree.parent(statement); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.FunctionDefinition) return false;
    if (tree.kind(at) === Kind.TryStatement) return true;
  }
  return false;
}

/** Whether the name is given one of those mappings, or is annotated as one, anywhere in the file. */
function isMadeByLookUp(tree: CompactTree, container: string): boolean {
  const name = lastName(container);
  if (binds(tree, tree.children(0), "KeyError")) return true;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const isIt = lastName(tree.source(tree.child(node, Field.Left))) === name;
    if (isIt && makesEntries.test(tree.source(node))) return true;
  }
  return false;
}
