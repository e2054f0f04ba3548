// Moves whole statements to another depth of indentation, strings over several lines left as they are.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import type { Source } from "../../source.ts";

/** A piece of text of the file with replacements inside it, as it reads at another indentation. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/**
 * The text between two offsets with its lines indented by `to` in place of `from`; the first line is taken without
 * its own indentation, and gets `to` in front.
 */
export function reindented(
  source: Source,
  start: number,
  end: number,
  to: string,
  replacements: readonly Replacement[] = [],
): string {
  const from = source.indentAt(start);
  const changes = [...replacements, ...lineChanges(source, start, end, from, to)].sort(
    (a, b) => a.start - b.start || a.end - b.end,
  );
  let text = to;
  let at = start;
  for (const change of changes) {
    if (change.start < at) continue; // a line break inside what is replaced
    text += source.text.slice(at, change.start) + change.newText;
    at = change.end;
  }
  return text + source.text.slice(at, end);
}

function lineChanges(source: Source, start: number, end: number, from: string, to: string): Replacement[] {
  const changes: Replacement[] = [];
  const strings = stringsOver(source, start, end);
  for (let at = source.text.indexOf("\n", start) + 1; at > 0 && at < end; ) {
    const isInString = strings.some(([first, last]) => first < at && at < last);
    const isBlank = source.text.slice(at, source.lineEnd(at)).trim() === "";
    if (!isInString && !isBlank && source.text.startsWith(from, at)) {
      changes.push({ start: at, end: at + from.length, newText: to });
    }
    at = source.text.indexOf("\n", at) + 1;
  }
  return changes;
}

function stringsOver({ tree }: Source, start: number, end: number): [number, number][] {
  const spans: [number, number][] = [];
  for (let node = 1; node < tree.count && tree.start(node) < end; node += 1) {
    if (tree.kind(node) === Kind.String && tree.end(node) > start && tree.source(node).includes("\n")) {
      spans.push([tree.start(node), tree.end(node)]);
    }
  }
  return spans;
}

/**
 * Statements of one block at another indentation, each on lines of its own; comments between and behind them on
 * their lines stay.
 * @param start where the text begins: the first statement, or a comment above it
 */
export function statementsAt(
  source: Source,
  statements: readonly number[],
  to: string,
  replacements: readonly Replacement[] = [],
  start = source.tree.start(statements[0] ?? 0),
): string {
  if (statements.length === 0) return "";
  const { tree } = source;
  const end = source.lineEnd(tree.end(statements.at(-1)!));
  if (source.isFirstOnLine(start)) return reindented(source, start, end, to, replacements);
  // A suite behind a colon has no indentation of its own to go by.
  return to + patched(source, start, end, replacements);
}

/** The first comment on a line of its own between two statements that follow each other, else the second statement. */
export function withLeadingComments(source: Source, previous: number, statement: number): number {
  const { tree } = source;
  for (let node = 1; node < tree.count && tree.start(node) < tree.start(statement); node += 1) {
    if (tree.kind(node) !== Kind.Comment || tree.start(node) < tree.end(previous)) continue;
    if (source.isFirstOnLine(tree.start(node))) return tree.start(node);
  }
  return tree.start(statement);
}

/** What is missing at the start of a top-level line to the two blank lines that formatters want above a class. */
export function gapAbove(source: Source, lineStart: number): string {
  const above = source.text.slice(0, lineStart);
  if (above.trim() === "" || /(^|\n)\r?\n\r?\n$/.test(above)) return "";
  // A comment belongs to what stands below it.
  if (/(^|\n)#[^\n]*\n$/.test(above)) return "";
  return /\n\r?\n$/.test(above) ? source.eol : source.eol + source.eol;
}

/** The text between two offsets with replacements made in it. */
export function patched(
  source: Source,
  start: number,
  end: number,
  replacements: readonly Replacement[],
): string {
  let text = "";
  let at = start;
  for (const change of [...replacements].sort((a, b) => a.start - b.start)) {
    if (change.start < at || change.end > end) continue;
    text += source.text.slice(at, change.start) + change.newText;
    at = change.end;
  }
  return text + source.text.slice(at, end);
}

/** Whether a comment between the offsets lies outside the pieces of text that are kept. */
export function losesComment(
  { tree }: Source,
  start: number,
  end: number,
  kept: readonly (readonly [number, number])[],
): boolean {
  for (let node = 1; node < tree.count && tree.start(node) < end; node += 1) {
    if (tree.kind(node) !== Kind.Comment || tree.start(node) < start) continue;
    if (!kept.some(([from, to]) => from <= tree.start(node) && tree.end(node) <= to)) return true;
  }
  return false;
}
