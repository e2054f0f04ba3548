// A statement in a `with` block that holds a lock, and how it reads in front of the block or behind it.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal, type TextFix } from "../../fix.ts";
import { functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { reindented } from "../text/layout.ts";
import type { HeldReads } from "./heldReads.ts";

/** A statement of a `with` block that holds the one lock of the finding. */
export interface Held {
  readonly held: number;
  readonly lock: string;
  readonly unit: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function heldAround(place: Place): Held | undefined {
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

export function orRefused(place: Place, title: string, make: () => TextFix | undefined): TextFix | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return place.refused(title, error.reason);
    throw error;
  }
}

/** The unit behind the block, and what it needs in its place. */
export function moved(place: Place, { held, unit, after }: Held, reads: HeldReads) {
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

export function movedText(place: Place, unit: number, indent: string, { replacements }: HeldReads): string {
  const { tree, source } = place;
  return reindented(source, headOf(place, unit), source.lineEnd(tree.end(unit)), indent, replacements);
}

/** The statement's lines and the comments above it, with blank ones so that no gap is left at the head of the block. */
export function withoutLines(place: Place, unit: number) {
  const { tree, source } = place;
  const start = source.text.slice(0, source.lineStart(headOf(place, unit))).trimEnd().length;
  const isFirst = place.siblingsOf(unit)[0] === unit;
  const end = source.lineEnd(tree.end(unit));
  const gap = isFirst ? /^(?:\r?\n[ \t]*(?=\r?\n))*/.exec(source.text.slice(end))![0].length : 0;
  return source.replace(source.lineEnd(start), end + gap, "");
}

/** Where the statement begins, with the comments that stand on lines of their own above it. */
export function headOf({ tree, source }: Place, unit: number): number {
  let start = tree.start(unit);
  const indent = source.indentAt(start);
  for (;;) {
    const line = source.lineStart(start);
    const above = source.lineStart(line - 1);
    if (line === 0 || !source.text.startsWith(`${indent}#`, above)) return start;
    start = above + indent.length;
  }
}
