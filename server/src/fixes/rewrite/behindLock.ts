// Calls that should not be made under a lock: what they need is read into local names in the `with` block, and they
// come behind it, in front of it, or between its two halves.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextFix } from "../fix.ts";
import { executedNodes, functionAround } from "../scopes.ts";
import { isTarget, rebinds } from "./expressions.ts";
import { HeldReads } from "./heldReads.ts";
import { reindented } from "./layout.ts";
import { freshLocal } from "./localNames.ts";
import type { Place } from "./place.ts";
import { pathsIn, refuseChanges, sharingOf } from "./sharedReads.ts";
import { leaves } from "./tryInstead.ts";

/** A statement of a `with` block that holds the one lock of the finding. */
interface Held {
  readonly held: number;
  readonly lock: string;
  readonly unit: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A callback, or what a generator yields: behind the block, over copies made in it. */
export function behindTheLock(place: Place): TextFix | undefined {
  const found = heldAround(place);
  if (found === undefined) return undefined;
  const { tree } = place;
  const { unit, after } = found;
  const isYield = tree.kind(place.node) === Kind.Yield;
  const what = isYield ? "Yield" : "Call it";
  const title = `${what} behind the \`with\` block`;
  return orRefused(place, title, () => {
    if (isYield && tree.kind(unit) !== Kind.ForStatement && !/^yield\s+from\b/.test(tree.source(unit)))
      return undefined;
    refuseOrder(tree, found);
    const reads = new HeldReads(place, found.before);
    reads.take(unit);
    if (reads.lines.length === 0 && found.before.length + after.length === 0)
      throw new Refusal(`\`${found.lock}\` lets one call run at a time, and does nothing else.`);
    const isCopy = reads.lines.some((line) => /= (list|sorted|tuple)\(/.test(line));
    const how = isCopy ? `, over a copy made under \`${found.lock}\`` : "";
    const order = after.length === 0 ? "" : "; it comes after the rest of the block";
    const cost = isYield
      ? "(it does not see what changes meanwhile)"
      : `(calls of several threads may overlap${order})`;
    const fix = place.fix(`${title}${how} ${cost}`, moved(place, found, reads), false);
    return after.length === 0 ? fix : { ...fix, isPreferred: false };
  });
}

/** A call that waits: in front of the block or behind it if it is its first or last statement, else in a gap of it. */
export function waitOutside(place: Place): TextFix | undefined {
  const found = heldAround(place);
  if (found === undefined) return undefined;
  const { tree, source } = place;
  const { unit, before, after, held, lock } = found;
  if (tree.kind(unit) !== Kind.ExpressionStatement && tree.kind(unit) !== Kind.ReturnStatement)
    return undefined;
  if (isAugmented(tree, unit)) return undefined;
  const isQuiet = /^(sleep|join)-holding-lock$/.test(place.finding.rule);
  const isOnly = before.length + after.length === 0;
  if (isStoredInData(tree, unit)) return before.length > 0 ? undefined : valueInFront(place, found);
  const isReturn = tree.kind(unit) === Kind.ReturnStatement;
  const reads = new HeldReads(place, before);
  if (isOnly) return place.finding.rule === "join-holding-lock" ? withoutLock(place, found) : undefined;
  if (before.length === 0) {
    const title = "Do this before the lock is taken: move it in front of the `with` block";
    return orRefused(place, title, () => {
      reads.take(unit);
      refuseUnlocked(reads);
      const line = movedText(place, unit, source.indentAt(tree.start(held)), reads);
      const cost = isQuiet ? "" : " (several threads may do it at once)";
      return place.fix(
        `${title}${cost}`,
        [
          source.insert(
            tree.start(held),
            `${line.trimStart()}${source.eol}${source.indentAt(tree.start(held))}`,
          ),
          withoutLines(place, unit),
        ],
        isQuiet,
      );
    });
  }
  if (after.length === 0) {
    const title = "Release the lock first: move this behind the `with` block";
    return orRefused(place, title, () => {
      reads.take(unit);
      const edits = moved(place, found, reads);
      return place.fix(title, edits, !isReturn && reads.lines.length === 0 && isQuiet);
    });
  }
  const title = `Let \`${lock}\` go meanwhile: the block becomes two (others can come in between)`;
  return orRefused(place, title, () => {
    refuseGap(tree, found);
    reads.take(unit);
    const [inner, outer] = [source.indentAt(tree.start(unit)), source.indentAt(tree.start(held))];
    const lines = [
      ...reads.lines.map((line) => inner + line),
      movedText(place, unit, outer, reads),
      `${outer}with ${lock}:`,
    ];
    const start = source.lineStart(headOf(place, unit));
    const end = source.lineEnd(tree.end(unit));
    return {
      ...place.fix(title, [source.replace(start, end, lines.join(source.eol))], false),
      isPreferred: false,
    };
  });
}

/** A lock around nothing but a `join`. */
function withoutLock(place: Place, { held, unit }: Held): TextFix | undefined {
  const { tree, source } = place;
  const title = "Wait for the thread without the lock";
  return orRefused(place, title, () => {
    const reads = new HeldReads(place, []);
    reads.take(unit);
    refuseUnlocked(reads);
    const text = movedText(place, unit, source.indentAt(tree.start(held)), reads);
    const [start, end] = [source.lineStart(tree.start(held)), source.lineEnd(tree.end(unit))];
    return place.fix(title, [source.replace(start, end, text)], true);
  });
}

function orRefused(place: Place, title: string, make: () => TextFix | undefined): TextFix | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return place.refused(title, error.reason);
    throw error;
  }
}

function heldAround(place: Place): Held | undefined {
  const { tree, source } = place;
  let unit = place.statementOf(place.node);
  for (;;) {
    const held = tree.parent(tree.parent(unit));
    if (unit <= 0 || held <= 0 || tree.kind(held) === Kind.FunctionDefinition) return undefined;
    if (tree.kind(held) === Kind.WithStatement && lockOf(tree, held) === place.finding.symbol) {
      if (functionAround(tree, held) === 0 || !source.isFirstOnLine(tree.start(held))) return undefined;
      const body = tree.childrenOf(held, Field.Body);
      const at = body.indexOf(unit);
      if (at < 0 || !body.every((s) => place.source.isFirstOnLine(tree.start(s)))) return undefined;
      if (!place.ownsLines(unit) || !place.ownsLines(held) || tree.source(unit).includes("\\\n"))
        return undefined;
      const [before, after] = [body.slice(0, at), body.slice(at + 1)];
      return { held, lock: place.finding.symbol, unit, before, after };
    }
    unit = place.statementOf(held);
  }
}

/** The one lock of a `with`; nothing for several, and for those of the event loop. */
function lockOf(tree: CompactTree, held: number): string | undefined {
  if (!tree.source(held).startsWith("with")) return undefined;
  const clause = tree.children(held).find((c) => tree.kind(c) === Kind.WithClause) ?? 0;
  const [item, ...more] = tree.children(clause);
  if (item === undefined || more.length > 0) return undefined;
  return tree.source(tree.child(item, Field.Value) || tree.firstChild(item));
}

/** What is moved changes nothing that the lock is for, and the rest of the block neither needs nor ends it. */
function refuseOrder(tree: CompactTree, { unit, after, held }: Held): void {
  const fn = functionAround(tree, held);
  refuseChanges(tree, [unit], fn);
  if (after.length === 0) return;
  const nodes = [...executedNodes(tree, [unit])];
  if (leaves(tree, after) || after.some((s) => hasExit(tree, s)) || hasExit(tree, unit))
    throw new Refusal("The block may be left before its end, and this would not be done then.");
  const names = new Set(pathsIn(tree, [unit]).map((path) => /^\w+/.exec(tree.source(path))![0]));
  const made = nodes.filter((node) => isTarget(tree, node)).map((node) => tree.source(node));
  const local = [...names].filter((name) => isLocalObject(tree, unit, name));
  const isNeeded = pathsIn(tree, after).some((path) => {
    const root = /^\w+/.exec(tree.source(path))![0];
    return made.includes(root) || local.includes(root);
  });
  if (isNeeded || rebinds(tree, after, [...names]))
    throw new Refusal("The rest of the block needs what this does.");
}

/** An object of this call that the moved code may fill: a name that the function binds, other than its parameters. */
function isLocalObject(tree: CompactTree, unit: number, name: string): boolean {
  return pathsIn(tree, [unit]).some((path) => {
    const source = tree.source(path);
    return (
      source.startsWith(`${name}.`) && name !== "self" && name !== "cls" && sharingOf(tree, path) === "own"
    );
  });
}

function hasExit(tree: CompactTree, statement: number): boolean {
  return [...executedNodes(tree, [statement])].some((node) => {
    const kind = tree.kind(node);
    return (
      kind === Kind.ReturnStatement ||
      kind === Kind.RaiseStatement ||
      kind === Kind.Yield ||
      kind === Kind.BreakStatement ||
      kind === Kind.ContinueStatement
    );
  });
}

/** Two halves under the lock are as good as one only if the second does not build on what the first has seen. */
function refuseGap(tree: CompactTree, { unit, before, after, held }: Held): void {
  refuseChanges(tree, [unit], functionAround(tree, held));
  const branches = new Set([Kind.IfStatement, Kind.WhileStatement, Kind.TryStatement, Kind.MatchStatement]);
  if (before.some((s) => branches.has(tree.kind(s))))
    throw new Refusal("What is tested before it may no longer hold after it.");
  const bound = [...executedNodes(tree, before)].filter((node) => isTarget(tree, node));
  const names = new Set(bound.filter((n) => tree.kind(n) === Kind.Identifier).map((n) => tree.source(n)));
  if (pathsIn(tree, after).some((path) => names.has(/^\w+/.exec(tree.source(path))![0])))
    throw new Refusal("What is read before it may no longer hold after it.");
}

function refuseUnlocked(reads: HeldReads): void {
  if (reads.lines.length > 0)
    throw new Refusal(`\`${reads.lines[0]!.replace(/^\w+ = /, "")}\` is read for it, which needs the lock.`);
}

function isAugmented(tree: CompactTree, unit: number): boolean {
  return tree.kind(tree.firstChild(unit)) === Kind.AugmentedAssignment;
}

/** `cache[url] = download(url)`: the target is what the lock is for, the value is not. */
function isStoredInData(tree: CompactTree, unit: number): boolean {
  const assignment = tree.firstChild(unit);
  return (
    tree.kind(unit) === Kind.ExpressionStatement &&
    tree.kind(assignment) === Kind.Assignment &&
    tree.kind(tree.child(assignment, Field.Left)) !== Kind.Identifier
  );
}

function valueInFront(place: Place, { held, unit }: Held): TextFix | undefined {
  const { tree, source } = place;
  const value = tree.child(tree.firstChild(unit), Field.Right);
  if (value === 0 || tree.kind(value) === Kind.Assignment) return undefined;
  const name = freshLocal(tree, "result", unit);
  const title = "Do this before the lock is taken, in front of the `with` block";
  return orRefused(place, title, () => {
    const shared = pathsIn(tree, [value]).find((path) => !/^(own|settled)$/.test(sharingOf(tree, path)));
    if (shared !== undefined)
      throw new Refusal(`\`${tree.source(shared)}\` is used for it, which may need the lock.`);
    const indent = source.indentAt(tree.start(held));
    const line = reindented(source, tree.start(value), tree.end(value), indent).trimStart();
    return place.fix(
      `${title} (several threads may do it at once)`,
      [
        source.insert(tree.start(held), `${name} = ${line}${source.eol}${indent}`),
        source.replace(tree.start(value), tree.end(value), name),
      ],
      false,
    );
  });
}

/** The unit behind the block, and what it needs in its place. */
function moved(place: Place, { held, unit, after }: Held, reads: HeldReads) {
  const { tree, source } = place;
  const { eol } = source;
  const inner = source.indentAt(tree.start(unit));
  const behind = movedText(place, unit, source.indentAt(tree.start(held)), reads);
  const lines = reads.lines.map((line) => inner + line);
  const start = source.lineStart(headOf(place, unit));
  const end = source.lineEnd(tree.end(unit));
  if (after.length === 0) return [source.replace(start, end, [...lines, behind].join(eol))];
  return [
    lines.length === 0 ? withoutLines(place, unit) : source.replace(start, end, lines.join(eol)),
    source.insert(source.lineEnd(tree.end(held)), eol + behind),
  ];
}

function movedText(place: Place, unit: number, indent: string, { replacements }: HeldReads): string {
  const { tree, source } = place;
  return reindented(source, headOf(place, unit), source.lineEnd(tree.end(unit)), indent, replacements);
}

/** The statement's lines, the comments above it and the blank ones in front of them. */
function withoutLines(place: Place, unit: number) {
  const { tree, source } = place;
  const start = source.text.slice(0, source.lineStart(headOf(place, unit))).trimEnd().length;
  return source.replace(source.lineEnd(start), source.lineEnd(tree.end(unit)), "");
}

/** Where the statement begins, with the comments that stand on lines of their own above it. */
function headOf({ tree, source }: Place, unit: number): number {
  let start = tree.start(unit);
  const indent = source.indentAt(start);
  for (;;) {
    const line = source.lineStart(start);
    const above = source.lineStart(line - 1);
    if (line === 0 || !source.text.startsWith(`${indent}#`, above)) return start;
    start = above + indent.length;
  }
}
