// An entry that is stored empty and then filled: filled first, under a local name, and stored when it is complete.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { LocalCalls, mentions } from "../../hazards/reentrance.ts";
import { executedNodes, functionAround, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { rebinds } from "../text/expressions.ts";
import { freshLocal } from "../text/localNames.ts";
import { storeAt } from "./firstStored.ts";
import { missingAt } from "./missingKey.ts";
import { storedNone } from "./storedNone.ts";
import { oneLine } from "./tryInstead.ts";

/** `d[k] = []; d[k].append(x)` becomes `entry = []; entry.append(x); d.setdefault(k, entry)`. */
export function storedLast(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const store = storeAt(place);
  if (store === undefined || functionAround(tree, store.statement) === 0) return undefined;
  const { statement, left, key, value } = store;
  if (store.names.length > 0) return undefined;
  const missing = missingAt(tree, statement, store)?.how;
  // An entry that is there already would be kept.
  const isAbsent =
    missing === "absent" ||
    (missing === "none" && storedNone(tree, tree.source(store.container)) === "never");
  if (!isAbsent) return undefined;
  const [entry, container] = [tree.source(left), tree.source(store.container)];
  const fill = fillOf(place, statement, entry);
  const last = fill.at(-1);
  if (last === undefined || !place.ownsLines(statement) || !place.ownsLines(last)) return undefined;
  if (rebinds(tree, fill, [entry]) || goesElsewhere(place, fill)) return undefined;
  const data = lastName(container);
  const uses = usesIn(place, fill, entry, data);
  // Who is called in between may look for the entry.
  const calls = new LocalCalls(tree);
  const region = { block: tree.parent(statement), statements: fill };
  if (uses === undefined || calls.reaches(region, (fn) => mentions(tree, fn, data)) !== undefined)
    return undefined;
  const handed = returnBehind(place, last, entry);
  const local = freshLocal(tree, "entry", statement);
  const call = `${container}.setdefault(${tree.source(key)}, ${local})`;
  if (call.includes("\n")) return undefined;
  return place.fix(
    `Fill it first, then store it: \`${oneLine(call)}\` (two threads may both make one, all use the same)`,
    [
      source.replace(tree.start(statement), tree.end(statement), `${local} = ${tree.source(value)}`),
      ...uses.map((use) => source.replace(tree.start(use), tree.end(use), local)),
      handed === 0
        ? source.lineAfter(last, call)
        : source.replace(tree.start(handed), tree.end(handed), `return ${call}`),
    ],
    false,
  );
}

/** The statement right behind that returns the entry, which can return what is stored at once; else 0. */
function returnBehind({ tree }: Place, last: number, entry: string): number {
  const next = tree.next(last);
  const isReturn = next !== 0 && tree.kind(next) === Kind.ReturnStatement;
  return isReturn && tree.source(tree.firstChild(next)) === entry ? next : 0;
}

/** What follows in the block, up to the last statement that names the entry, without what hands it out at the end. */
function fillOf(place: Place, statement: number, entry: string): number[] {
  const { tree } = place;
  const siblings = place.siblingsOf(statement);
  const rest = siblings.slice(siblings.indexOf(statement) + 1);
  const end = rest.findIndex((s) => tree.kind(s) === Kind.ReturnStatement);
  const before = end < 0 ? rest : rest.slice(0, end);
  const isNamedIn = (s: number) => [...executedNodes(tree, [s])].some((node) => tree.source(node) === entry);
  return before.slice(0, before.findLastIndex(isNamedIn) + 1);
}

/** Whether the statements can be left before their end other than by an exception, or wait for somebody. */
function goesElsewhere({ tree }: Place, statements: readonly number[]): boolean {
  for (const node of executedNodes(tree, statements)) {
    const kind = tree.kind(node);
    if (kind === Kind.ReturnStatement || kind === Kind.Yield) return true;
    if (kind !== Kind.BreakStatement && kind !== Kind.ContinueStatement) continue;
    let at = node;
    const isLoop = () => tree.kind(at) === Kind.ForStatement || tree.kind(at) === Kind.WhileStatement;
    while (!isLoop() && !statements.includes(at)) at = tree.parent(at);
    if (!isLoop()) return true;
  }
  return false;
}

/** All places that name the entry; undefined when the container is used in another way, or the entry gets a name. */
function usesIn(
  { tree }: Place,
  statements: readonly number[],
  entry: string,
  data: string,
): number[] | undefined {
  const uses: number[] = [];
  let mentioned = 0;
  for (const statement of statements) {
    for (let node = statement; node < tree.subtreeEnd(statement); node += 1) {
      if (tree.kind(node) === Kind.Identifier && tree.source(node) === data) mentioned += 1;
      if (tree.kind(node) !== Kind.Subscript || tree.source(node) !== entry) continue;
      const parent = tree.kind(tree.parent(node));
      if (parent === Kind.Assignment && tree.field(node) === Field.Right) return undefined;
      if (parent === Kind.NamedExpression) return undefined;
      uses.push(node);
    }
  }
  return mentioned === uses.length ? uses : undefined;
}
