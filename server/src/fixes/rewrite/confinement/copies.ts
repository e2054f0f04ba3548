// Containers that are read as a whole by somebody else: who takes their time, or keeps them, gets a copy.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { isPlain, methodCall } from "../text/expressions.ts";

export function serialisedCopy(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = tree.source(place.node);
  const kind = isPlain(tree, place.node) ? kindOf(tree, name) : undefined;
  if (kind !== "dict" && kind !== "list" && kind !== "set") return undefined;
  const edit = source.replace(tree.start(place.node), tree.end(place.node), `${name}.copy()`);
  const title = `Hand over a copy: \`${name}.copy()\` (copies the outermost level each time)`;
  return place.fix(title, [edit], false);
}

/** `return self._items` under the lock that guards the items: a copy made under the lock. */
export function returnedCopy(place: Place): TextFix | undefined {
  const { tree, source, node } = place;
  const view = methodCall(tree, node);
  const written = tree.source(node);
  const isView = view !== undefined && /^(keys|values|items)$/.test(view.name) && view.args.length === 0;
  if (!isView && !(isPlain(tree, node) && hasCopy(tree, written))) return undefined;
  const text = isView ? `list(${written})` : `${written}.copy()`;
  return place.fix(
    `Return a copy: \`${text}\` (callers neither see nor make later changes)`,
    [source.replace(tree.start(node), tree.end(node), text)],
    false,
  );
}

/** Built-in containers, and those of `collections`, copy themselves. */
function hasCopy(tree: CompactTree, written: string): boolean {
  if (/^(dict|list|set|deque)$/.test(kindOf(tree, written) ?? "")) return true;
  let isKnown = false;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    const value = tree.child(node, Field.Right);
    if (value === 0 || lastName(tree.source(tree.child(node, Field.Left))) !== lastName(written)) continue;
    const isOne = /^(collections\.)?(defaultdict|OrderedDict|Counter|deque)\(/.test(tree.source(value));
    if (!isOne) return false;
    isKnown = true;
  }
  return isKnown;
}

/** `Thread(target=send, args=(batch,))` before `batch.clear()`: the thread gets a batch of its own. */
export function handedCopy(place: Place): TextFix | undefined {
  const { tree, source, finding } = place;
  const range = finding.related.find(({ path }) => path === finding.path)?.range;
  const name = finding.symbol;
  if (range === undefined || !/^\w+$/.test(name)) return undefined;
  const call = tree.enclosing(range.start, range.end);
  const handed = tree.kind(call) === Kind.Call ? handedArguments(tree, call) : [];
  const [given, ...more] = handed.filter((node) => tree.source(node) === name);
  if (given === undefined || more.length > 0) return undefined;
  const text = kindOf(tree, name) === undefined ? undefined : `${name}.copy()`;
  if (text === undefined) return undefined;
  const fix = place.fix(
    `Hand over a copy: \`${text}\` (the thread does not see what is changed afterwards)`,
    [source.replace(tree.start(given), tree.end(given), text)],
    false,
  );
  return fix;
}

/** What a thread's function or a pool's task is called with. */
function handedArguments(tree: CompactTree, call: number): number[] {
  const list = tree.childrenOf(call, Field.Arguments);
  const keyword = list.find(
    (arg) => tree.kind(arg) === Kind.KeywordArgument && tree.source(tree.child(arg, Field.Name)) === "args",
  );
  if (keyword === undefined) return list;
  const tuple = tree.child(keyword, Field.Value);
  return tree.kind(tuple) === Kind.Tuple || tree.kind(tuple) === Kind.List ? tree.children(tuple) : [];
}
