// Functions with effects under `functools.cache`, run once for each key: a lock around the cache. A lock inside the
// function comes too late, when the second thread has already missed the cache.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal, type TextEdit, type TextFix } from "../../fix.ts";
import { refuseHazards } from "../../hazards/hazards.ts";
import { refuseSpecialClass } from "../../lock/instanceLock.ts";
import { isCompound } from "../../lock/moduleLock.ts";
import { lockClass } from "../../lock/threadingImport.ts";
import {
  bindsLocally,
  bodyOf,
  decoratorsOf,
  definitionIn,
  functionAround,
  isDocstring,
  nameOf,
} from "../../scopes.ts";
import type { Place } from "../place.ts";
import { freshName } from "../text/localNames.ts";
import { type CachedFunction, cachedFunction, usedOfCache } from "./cachedFunction.ts";
import { callOf, forwarded } from "./forwarding.ts";
import { lockKindAround, orderConflict } from "./lockAround.ts";

/** Classes whose attributes mean more than attributes do elsewhere. */
const special = /^(Enum|IntEnum|StrEnum|Flag|IntFlag|NamedTuple|TypedDict|Structure|Union|BaseModel)$/;

/** The cached function gets a private name, and one with its old name takes the lock and calls it. */
export function lockAroundCache(place: Place): TextFix | undefined {
  const { tree } = place;
  const cached = cachedFunction(place);
  if (cached === undefined) return undefined;
  const { name } = cached;
  const bare = name.replace(/^_+|_+$/g, "") || "cache";
  const lock = freshName(tree, `_${bare}_lock`);
  const title = `Run \`${name}\` once${perKey(tree, cached, lock)}`;
  try {
    refuseWrongKinds(place, cached);
    const edits = editsFor(place, cached, lock, freshName(tree, `_${bare}_cached`));
    return edits && place.fix(title, edits, false);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return place.refused(title, error.reason);
  }
}

/** What the cache tells results apart by, and what it costs to let one caller in at a time. */
function perKey(tree: CompactTree, { fn, decorated }: CachedFunction, lock: string): string {
  const isMethod =
    classOf(tree, decorated) !== 0 && !decoratorsOf(tree, fn).some((d) => d.name === "staticmethod");
  const keys = tree.childrenOf(fn, Field.Parameters).length - (isMethod ? 1 : 0);
  const [per, cost] =
    keys > 0
      ? [" per key", "calls for other keys wait meanwhile"]
      : isMethod
        ? [" per object", "calls on other objects wait meanwhile"]
        : ["", "every call takes the lock"];
  return `${per}: \`${lock}\` around its cache (${cost})`;
}

function refuseWrongKinds(place: Place, { fn, name, decorated }: CachedFunction): void {
  const { tree, source } = place;
  const body = bodyOf(tree, fn);
  if (/^async\b/.test(tree.source(fn)))
    throw new Refusal(`\`${name}\` is a coroutine function: its cache keeps what can be awaited only once.`);
  if (isGenerator(tree, fn))
    throw new Refusal(`\`${name}\` is a generator: its cache keeps what can be gone through only once.`);
  refuseHazards(tree, { block: tree.child(fn, Field.Body), statements: body }, body[0]!, "");
  const conflict = orderConflict(tree, fn);
  if (conflict !== undefined) throw new Refusal(conflict);
  const cls = classOf(tree, decorated);
  if (cls !== 0) refuseSpecialClass(tree, cls, special);
  const siblings = tree.children(tree.parent(decorated));
  const isOverloaded = siblings.some(
    (s) => /^@(\w+\.)?overload\b/.test(tree.source(s)) && tree.source(s).includes(`def ${name}(`),
  );
  if (isOverloaded) throw new Refusal(`\`${name}\` has overloads, which have to stand directly above it.`);
  if (!source.isFirstOnLine(tree.start(decorated)))
    throw new Refusal("The function is laid out in an unusual way.");
}

function editsFor(place: Place, cached: CachedFunction, lock: string, inner: string): TextEdit[] | undefined {
  const { tree, source } = place;
  const { fn, name, decorated, cache } = cached;
  const receiver = receiverOf(place, cached);
  const args = forwarded(tree, fn, receiver?.isPassed === true);
  const header = headerOf(place, fn);
  const body = bodyOf(tree, fn);
  if (args === undefined || header === undefined || !source.isFirstOnLine(tree.start(cache)))
    return undefined;
  const made = lockClass(source, lockKindAround(tree, fn));
  refuseUnreachable(place, decorated, made.root, made.end);
  const before = receiver === undefined ? "" : `${receiver.text}.`;
  const { eol } = source;
  const indent = source.indentAt(tree.start(decorated));
  const unit = source.unitOf(tree.child(fn, Field.Body)) ?? source.unit;
  const gap = eol.repeat(indent === "" ? 3 : 2);

  const document = docstringLines(place, body);
  const outer = source.text.slice(
    source.lineStart(tree.start(decorated)),
    source.lineStart(tree.start(cache)),
  );
  const wrapper = [
    `${outer}${indent}${header}`,
    ...(document === undefined ? [] : [source.text.slice(document.start, document.textEnd)]),
    `${indent}${unit}with ${before}${lock}:`,
    callOf(`${indent}${unit}${unit}return `, `${before}${inner}`, args, unit, eol),
  ].join(eol);
  const exposed = usedOfCache(place, name).map((used) => exposing(place, cached, inner, used));
  const tail = exposed.length === 0 ? "" : gap + exposed.map((line) => indent + line).join(eol);
  const identifier = tree.child(fn, Field.Name);
  const binding = receiver?.decorator;
  return [
    ...made.edits,
    lockLine(place, decorated, `${lock} = ${made.expression}()`, gap),
    source.replace(
      source.lineStart(tree.start(decorated)),
      source.lineStart(tree.start(cache)),
      binding === undefined ? "" : `${indent}@${binding}${eol}`,
    ),
    source.replace(tree.start(identifier), tree.end(identifier), inner),
    ...(document === undefined ? [] : [source.replace(document.start, document.end, "")]),
    source.insert(source.endOfStatementLine(decorated), gap + wrapper + tail),
  ];
}

/** Below what stands there in lines without a gap, else in front of the function. */
function lockLine({ tree, source }: Place, decorated: number, line: string, gap: string): TextEdit {
  const { eol } = source;
  const siblings = tree.children(tree.parent(decorated));
  const before = siblings[siblings.indexOf(decorated) - 1];
  const isSimple =
    before !== undefined &&
    definitionIn(tree, before) === 0 &&
    !isCompound(tree, before) &&
    source.isFirstOnLine(tree.start(before));
  if (!isSimple) return source.lineBefore(decorated, line + gap.slice(eol.length));
  const isApart = isImport(tree.kind(before)) || isDocstring(tree, before);
  const edit = source.lineAfter(before, line);
  return isApart ? { ...edit, newText: eol + edit.newText } : edit;
}

function isImport(kind: Kind): boolean {
  return (
    kind === Kind.ImportStatement || kind === Kind.ImportFromStatement || kind === Kind.FutureImportStatement
  );
}

/** How the wrapper of a method reaches what belongs to the class, or undefined outside of classes. */
function receiverOf(
  { tree }: Place,
  { fn, decorated, name }: CachedFunction,
): { text: string; isPassed: boolean; decorator?: string } | undefined {
  const cls = classOf(tree, decorated);
  if (cls === 0) return undefined;
  const decorators = decoratorsOf(tree, fn).map((d) => d.name);
  if (decorators.includes("staticmethod")) {
    if (functionAround(tree, cls) !== 0 || classOf(tree, cls) !== 0)
      throw new Refusal(`\`${name}\` is static, and its class has no name that it can use.`);
    return { text: nameOf(tree, cls), isPassed: false, decorator: "staticmethod" };
  }
  const first = tree.childrenOf(fn, Field.Parameters)[0] ?? 0;
  const self = /^\w+/.exec(first === 0 ? "" : tree.source(first))?.[0];
  if (self === undefined) throw new Refusal(`\`${name}\` has no parameter for the object.`);
  const binding = decorators.includes("classmethod") ? { decorator: "classmethod" } : {};
  return { text: self, isPassed: true, ...binding };
}

/** The class in whose body a definition stands; 0 for other functions. */
function classOf(tree: CompactTree, definition: number): number {
  for (let at = tree.parent(definition); at > 0; at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.ClassDefinition) return at;
    if (kind === Kind.FunctionDefinition || kind === Kind.Lambda) return 0;
  }
  return 0;
}

/** From `def` to the colon; undefined where it has comments, which would stand there twice. */
function headerOf({ tree }: Place, fn: number): string | undefined {
  const end = tree.end(tree.child(fn, Field.ReturnType) || tree.child(fn, Field.Parameters));
  for (let node = fn; node < tree.child(fn, Field.Body); node += 1) {
    if (tree.kind(node) === Kind.Comment && tree.start(node) < end) return undefined;
  }
  return `${tree.text.slice(tree.start(fn), end)}:`;
}

/** The documentation, which belongs to the name that people use, with its lines and the blank ones behind it. */
function docstringLines(
  { tree, source }: Place,
  body: readonly number[],
): { start: number; textEnd: number; end: number } | undefined {
  const [first, second] = body;
  if (second === undefined || !isDocstring(tree, first)) return undefined;
  const textEnd = source.lineEnd(tree.end(first!));
  if (!source.isFirstOnLine(tree.start(first!)) || tree.start(second) < textEnd) return undefined;
  const next = source.text.indexOf("\n", textEnd) + 1;
  const blank = /^(?:[ \t\f]*\r?\n)*/.exec(source.text.slice(next))![0].length;
  return { start: source.lineStart(tree.start(first!)), textEnd, end: next + blank };
}

/** `load.cache_clear = _load_cached.cache_clear`, for those who use it. */
function exposing(
  { tree }: Place,
  { fn, name, decorated, cache }: CachedFunction,
  inner: string,
  used: string,
) {
  const isPlain = tree.children(decorated)[0] === cache;
  if (used === "__wrapped__" || (!isPlain && classOf(tree, decorated) !== 0) || nameOf(tree, fn) === inner)
    throw new Refusal(`\`${name}.${used}\` is used, which comes with the cache.`);
  return `${name}.${used} = ${inner}.${used}`;
}

/** The name of `threading` must mean the module where the lock is made. */
function refuseUnreachable({ tree }: Place, decorated: number, root: string, end: number): void {
  for (let at = tree.parent(decorated); at > 0; at = tree.parent(at)) {
    const kind = tree.kind(at);
    const isTaken =
      (kind === Kind.FunctionDefinition && bindsLocally(tree, at, root)) ||
      (kind === Kind.ClassDefinition && bindsLocally(tree, at, root));
    if (isTaken) throw new Refusal(`\`${root}\` means something else where the lock would be made.`);
  }
  if (functionAround(tree, decorated) === 0 && end > tree.start(decorated))
    throw new Refusal("`threading` is imported only below the function.");
}

function isGenerator(tree: CompactTree, fn: number): boolean {
  for (let node = fn; node < tree.subtreeEnd(fn); node += 1) {
    if (tree.kind(node) === Kind.Yield && functionAround(tree, node) === fn) return true;
  }
  return false;
}
