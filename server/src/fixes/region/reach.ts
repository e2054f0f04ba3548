// How far guarded code has to reach beyond its own statements: to the test that led to a change, and to the look at
// what it came to, as long as nothing of weight lies between.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { executedNodes } from "../scopes.ts";
import type { Region } from "./codeUnderLock.ts";
import { regionOf } from "./region.ts";
import { isBlockUnder } from "./sameLock.ts";

interface Span {
  readonly start: number;
  readonly end: number;
}

/** More statements than this between two accesses belong to something else. */
const widestGap = 4;

/**
 * The region together with neighbouring statements that access the data in the same breath.
 * @param nearby the other accesses
 * @param isAllowed whether a statement may run under the lock
 * @param isCompanion whether a neighbour changes what belongs to the same state
 */
export function reachOf(
  tree: CompactTree,
  region: Region,
  nearby: readonly Span[],
  isAllowed: (statement: number) => boolean,
  isCompanion: (statement: number, reached: Region) => boolean,
): Region {
  let reached = region;
  for (let isGrowing = true; isGrowing; ) {
    const wider =
      upwards(tree, reached, nearby, isAllowed) ??
      sideways(tree, reached, nearby, isAllowed) ??
      besides(tree, reached, isCompanion);
    isGrowing = wider !== undefined;
    reached = wider ?? reached;
  }
  return reached;
}

/** `if n > 0: n -= 1`: the test decides what the rest does. */
function upwards(
  tree: CompactTree,
  region: Region,
  nearby: readonly Span[],
  isAllowed: (statement: number) => boolean,
): Region | undefined {
  const loop = tree.parent(region.block);
  if (tree.kind(loop) === Kind.ForStatement) return withItsStart(tree, loop, nearby);
  const header = decidingIf(tree, region, nearby);
  return header !== 0 && isAllowed(header) ? regionOf(tree, tree.start(header), tree.end(header)) : undefined;
}

/** The `if` right around the region whose test is one of these accesses; 0 if there is none. */
export function decidingIf(tree: CompactTree, { block }: Region, nearby: readonly Span[]): number {
  let header = tree.parent(block);
  while (tree.kind(header) === Kind.ElifClause || tree.kind(header) === Kind.ElseClause) {
    header = tree.parent(header);
  }
  if (tree.kind(header) !== Kind.IfStatement) return 0;
  const isDecided = tree.children(header).some((part) => {
    if (tree.field(part) === Field.Condition) return nearby.some((one) => covers(tree, part, one));
    if (tree.kind(part) !== Kind.ElifClause) return false;
    const condition = tree.child(part, Field.Condition);
    return nearby.some((one) => covers(tree, condition, one));
  });
  return isDecided ? header : 0;
}

/** `text = ""`, then a short loop that adds to it: what is built up is one value. */
function withItsStart(tree: CompactTree, loop: number, nearby: readonly Span[]): Region | undefined {
  const siblings = tree.children(tree.parent(loop));
  const at = siblings.indexOf(loop);
  const before = siblings.slice(Math.max(0, at - 1 - widestGap), at);
  const start = before.findLastIndex((statement) => nearby.some((one) => covers(tree, statement, one)));
  const whole = start < 0 ? [] : [...before.slice(start), loop];
  if (whole.length === 0 || !whole.every((statement) => isLight(tree, statement))) return undefined;
  return regionOf(tree, tree.start(whole[0]!), tree.end(loop));
}

function sideways(
  tree: CompactTree,
  { block, statements }: Region,
  nearby: readonly Span[],
  isAllowed: (statement: number) => boolean,
): Region | undefined {
  const siblings = tree.children(block);
  const first = siblings.indexOf(statements[0]!);
  const last = siblings.indexOf(statements.at(-1)!);
  const isWanted = (at: number) => {
    const statement = siblings[at];
    return statement !== undefined && nearby.some((one) => covers(tree, statement, one));
  };
  for (let gap = 0; gap <= widestGap; gap += 1) {
    for (const at of [first - 1 - gap, last + 1 + gap]) {
      if (!isWanted(at)) continue;
      const added = at < first ? siblings.slice(at, first) : siblings.slice(last + 1, at + 1);
      const between = at < first ? added.slice(1) : added.slice(0, -1);
      if (!between.every((s) => isLight(tree, s)) || !added.every(isAllowed)) continue;
      return regionOf(
        tree,
        tree.start(siblings[Math.min(at, first)]!),
        tree.end(siblings[Math.max(at, last)]!),
      );
    }
  }
  return undefined;
}

/** `hits += 1`, `bytes += n`: what is counted together is read together. */
function besides(
  tree: CompactTree,
  region: Region,
  isCompanion: (statement: number, reached: Region) => boolean,
): Region | undefined {
  const { block, statements } = region;
  const siblings = tree.children(block);
  const before = siblings[siblings.indexOf(statements[0]!) - 1];
  const after = siblings[siblings.indexOf(statements.at(-1)!) + 1];
  const isBefore = before !== undefined && isCompanion(before, region);
  const isAfter = after !== undefined && isCompanion(after, region);
  if (!isBefore && !isAfter) return undefined;
  const first = isBefore ? before : statements[0]!;
  const last = isAfter ? after : statements.at(-1)!;
  return regionOf(tree, tree.start(first), tree.end(last));
}

function covers(tree: CompactTree, node: number, { start, end }: Span): boolean {
  return node > 0 && tree.start(node) <= start && end <= tree.end(node);
}

const lightFunctions =
  /^(len|int|str|float|bool|min|max|abs|sum|sorted|list|dict|set|tuple|frozenset|isinstance|issubclass|getattr|hasattr|range|enumerate|zip|reversed|repr|round|id|hash|type|divmod|ord|chr|bytes|any|all|next|super|perf_counter|monotonic)$/;
const lightMethods =
  /^(append|appendleft|extend|pop|popleft|popitem|remove|discard|add|clear|update|get|setdefault|keys|values|items|copy|count|index|join|split|strip|lower|upper|startswith|endswith|replace|format|encode|decode|find|time|monotonic|perf_counter)$/;

/**
 * Code that calls nothing but built-in functions and methods, so that it takes no time to speak of.
 * @param known operations on the data, by whatever names, which are to run under the lock in any case
 * @param held a lock that is held by then, so that taking it means nothing
 */
export function isLight(
  tree: CompactTree,
  statement: number,
  known: readonly Span[] = [],
  held?: string,
): boolean {
  for (const node of executedNodes(tree, [statement])) {
    switch (tree.kind(node)) {
      case Kind.Await:
      case Kind.Yield:
      case Kind.ImportStatement:
      case Kind.ImportFromStatement:
      case Kind.FunctionDefinition:
      case Kind.ClassDefinition:
      case Kind.WhileStatement:
        return false;
      case Kind.WithStatement:
        if (held === undefined || !isBlockUnder(tree, node, held)) return false;
        break;
      case Kind.Call: {
        const callee = tree.child(node, Field.Function);
        if (known.some(({ start, end }) => start === tree.start(callee) && end <= tree.end(node))) continue;
        const isMethod = tree.kind(callee) === Kind.Attribute;
        const name = isMethod ? tree.source(tree.child(callee, Field.Attribute)) : tree.source(callee);
        const isRaised = /(Error|Exception|Warning|StopIteration)$/.test(name);
        if (!isRaised && !(isMethod ? lightMethods : lightFunctions).test(name)) return false;
      }
    }
  }
  return true;
}

const reports = /^(print|debug|info|warning|warn|error|exception|critical|log)$/;

/** Whether a callee tells a log or the screen, by whatever object. */
export function isReport(callee: string): boolean {
  return reports.test(callee.slice(callee.lastIndexOf(".") + 1));
}

/** Whether a statement that looks at the data is short enough to wait for: no loop, nothing but a report. */
export function isShort(tree: CompactTree, statement: number): boolean {
  switch (tree.kind(statement)) {
    case Kind.ForStatement:
    case Kind.TryStatement:
    case Kind.MatchStatement:
      return isLight(tree, statement);
    case Kind.WhileStatement:
    case Kind.WithStatement:
    case Kind.FunctionDefinition:
    case Kind.ClassDefinition:
    case Kind.DecoratedDefinition:
      return false;
    case Kind.ExpressionStatement: {
      const call = tree.firstChild(statement);
      if (tree.kind(call) !== Kind.Call) return true;
      const callee = tree.source(tree.child(call, Field.Function));
      return !isReport(callee);
    }
    default:
      return true;
  }
}
