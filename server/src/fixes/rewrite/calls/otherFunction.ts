// One function of the standard library in place of another, or of none.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes, functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isPlain } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";

const counter = /^((os|multiprocessing|mp)\.)?cpu_count$/;

/** `os.cpu_count()` for the size of a pool of threads. */
export function processorsOfProcess(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.kind(place.node) === Kind.Call ? place.node : tree.parent(place.node);
  const [count, ...more] = countsIn(tree, [tree.child(call, Field.Arguments)]);
  const counted = count ?? countedBefore(tree, call);
  if (counted === 0 || more.length > 0) return undefined;
  const callee = tree.child(counted, Field.Function);
  const member = tree.source(callee).startsWith("os.")
    ? { expression: "os.process_cpu_count", edits: [] }
    : moduleMember(source, "os", "process_cpu_count");
  if (member === undefined) return undefined;
  return place.fix(
    `Count the processors that this process may use: \`${member.expression}()\` (fewer where it is confined)`,
    [...member.edits, source.replace(tree.start(callee), tree.end(callee), member.expression)],
    false,
  );
}

function countsIn(tree: CompactTree, roots: readonly number[]): number[] {
  return [...executedNodes(tree, roots)].filter(
    (node) => tree.kind(node) === Kind.Call && counter.test(tree.source(tree.child(node, Field.Function))),
  );
}

/** `WORKERS = os.cpu_count()` somewhere before; 0 unless it is the only value that the name gets. */
function countedBefore(tree: CompactTree, call: number): number {
  const names = new Set(
    tree.childrenOf(call, Field.Arguments).map((argument) => {
      const isKeyword = tree.kind(argument) === Kind.KeywordArgument;
      return tree.source(isKeyword ? tree.child(argument, Field.Value) : argument);
    }),
  );
  const made: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.Assignment && names.has(tree.source(tree.child(node, Field.Left))))
      made.push(node);
  }
  const counts = made.length === 1 ? countsIn(tree, made) : [];
  return counts.length === 1 ? counts[0]! : 0;
}

/** `sys.intern(text)` */
export function notInterned(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.kind(place.node) === Kind.Call ? place.node : tree.parent(place.node);
  const [text, ...more] = tree.kind(call) === Kind.Call ? tree.childrenOf(call, Field.Arguments) : [];
  if (text === undefined || more.length > 0 || tree.kind(tree.parent(call)) === Kind.ExpressionStatement)
    return undefined;
  const isSimple = isPlain(tree, text) || /^(Call|Subscript|String)$/.test(Kind[tree.kind(text)]);
  if (!isSimple || tree.source(text).includes("\n")) return undefined;
  const fix = place.fix(
    "Leave the string as it is, without `intern` (equal texts may be different objects: compare with `==`)",
    [source.replace(tree.start(call), tree.end(call), tree.source(text))],
    false,
  );
  // How many different texts there are, a person knows.
  return { ...fix, isPreferred: false };
}

/** `@cached_property` over what each thread has for itself: a plain property. */
export function uncachedProperty(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const decorated = tree.parent(functionAround(tree, place.node));
  if (decorated <= 0 || tree.kind(decorated) !== Kind.DecoratedDefinition) return undefined;
  const decorators = tree.children(decorated).filter((c) => tree.kind(c) === Kind.Decorator);
  const cached = /^@\s*((functools\.)?(cached_property|cache|lru_cache(\(.*\))?))$/s;
  const [only, ...more] = decorators.filter((d) => cached.test(tree.source(d)));
  if (only === undefined || more.length > 0) return undefined;
  const name = cached.exec(tree.source(only))![1]!;
  const isProperty = name.endsWith("cached_property");
  const next = source.text.indexOf("\n", tree.end(only)) + 1;
  if (!isProperty && /\.cache_(clear|info)\b/.test(tree.text)) return undefined;
  const edit = isProperty
    ? source.replace(tree.start(only), tree.end(only), "@property")
    : source.replace(source.lineStart(tree.start(only)), next, "");
  return place.fix(
    `${isProperty ? "Make it a plain `@property`" : `Remove \`@${name}\``}: the thread-local is the cache`,
    [edit],
    false,
  );
}
