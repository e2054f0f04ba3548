// `groups[k].append(x)` on a defaultdict: `setdefault` stores the first value in one step, where `__missing__` would let
// a second thread store another one over it.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { functionAround, isTarget, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { oneLine } from "./tryInstead.ts";

/** More places than this are not changed at once. */
const mostPlaces = 12;

const emptyOf: Readonly<Record<string, string>> = { list: "[]", dict: "{}", set: "set()" };

export function defaultEntry(place: Place): TextFix | undefined {
  const { tree, source, node, finding } = place;
  if (tree.kind(node) !== Kind.Subscript) return undefined;
  const empty = emptyEntry(tree, tree.source(tree.child(node, Field.Value)));
  if (empty === undefined || finding.guard?.plan?.sites.some(({ path }) => path !== finding.path)) {
    return undefined;
  }
  // Whoever looks up a missing key, even to read, would store an entry over the one that is there by then.
  const looks = looksAt(tree, lastName(tree.source(tree.child(node, Field.Value))));
  if (!looks.includes(node) || looks.length > mostPlaces) return undefined;
  const calls = looks.map((look) => ({ look, call: settingDefault(tree, look, empty) }));
  if (calls.some(({ call }) => call === undefined || call.includes("\n"))) return undefined;
  const more = calls.length === 1 ? "" : `, in ${calls.length} places`;
  const first = calls.find(({ look }) => look === node)!;
  return place.fix(
    `Store in one step: \`${oneLine(first.call!)}\`${more}`,
    calls.map(({ look, call }) => source.replace(tree.start(look), tree.end(look), call!)),
    true,
  );
}

/** Where functions look up entries of the container, other than those that wait for threads first. */
function looksAt(tree: CompactTree, name: string): number[] {
  const looks: number[] = [];
  for (let at = 1; at < tree.count; at += 1) {
    if (tree.kind(at) !== Kind.Subscript || isTarget(tree, at)) continue;
    const fn = functionAround(tree, at);
    const isIt = lastName(tree.source(tree.child(at, Field.Value))) === name;
    if (isIt && fn !== 0 && !/\.join\(\s*\)/.test(tree.source(fn))) looks.push(at);
  }
  return looks;
}

function settingDefault(tree: CompactTree, look: number, empty: string): string | undefined {
  const keys = tree.children(look).filter((child) => tree.field(child) === Field.Subscript);
  if (keys.length !== 1 || tree.kind(keys[0]!) === Kind.Slice) return undefined;
  if (tree.kind(tree.parent(look)) === Kind.AugmentedAssignment && tree.field(look) === Field.Left)
    return undefined;
  return `${tree.source(tree.child(look, Field.Value))}.setdefault(${tree.source(keys[0]!)}, ${empty})`;
}

/** What a missing entry begins with, if every assignment to the name in its file makes such a defaultdict. */
function emptyEntry(tree: CompactTree, expression: string): string | undefined {
  const name = lastName(expression);
  let found: string | undefined;
  for (let at = 1; at < tree.count; at += 1) {
    if (tree.kind(at) !== Kind.Assignment) continue;
    const left = tree.child(at, Field.Left);
    const right = tree.child(at, Field.Right);
    if (right === 0 || tree.kind(left) === Kind.Subscript || lastName(tree.source(left)) !== name) continue;
    const made = /^(?:collections\.)?defaultdict\(\s*(\w+)\s*\)$/.exec(tree.source(right));
    const empty = made === null || !Object.hasOwn(emptyOf, made[1]!) ? undefined : emptyOf[made[1]!];
    if (empty === undefined || (found !== undefined && found !== empty)) return undefined;
    found = empty;
  }
  return found;
}
