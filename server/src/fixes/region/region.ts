// The whole statements that a guarded region consists of, and the edits that put them under a lock.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import type { Source } from "../source.ts";
import type { Region } from "./codeUnderLock.ts";
import { blocksWithin, withNeighbours } from "./sameLock.ts";

/** The fewest whole statements of one block that cover the range. */
export function regionOf(tree: CompactTree, start: number, end: number): Region {
  let block = tree.enclosing(start, end);
  while (block > 0 && !holdsStatements(tree, block)) block = tree.parent(block);
  const statements = tree.children(block).filter((s) => tree.end(s) > start && tree.start(s) < end);
  if (statements.length === 0) throw new Refusal("There is no statement to guard here.");
  return { block, statements };
}

function holdsStatements(tree: CompactTree, node: number): boolean {
  return tree.kind(node) === Kind.Block && tree.kind(tree.parent(node)) !== Kind.MatchStatement;
}

/**
 * Puts the region under `with lock:`, one level deeper, and changes nothing else of its layout. Blocks that take the lock
 * already, inside the region and next to it, become one with it.
 */
export function wrapInWith(source: Source, region: Region, lock: string): TextEdit[] {
  const whole = withNeighbours(source, region, lock);
  if (blocksWithin(source.tree, whole.statements, lock).length === 0) {
    return wrapUnder(source, region, [`with ${lock}:`]);
  }
  if (hasOwnLines(source, whole)) return joinUnder(source, whole, lock);
  if (blocksWithin(source.tree, region.statements, lock).length === 0) {
    return wrapUnder(source, region, [`with ${lock}:`]);
  }
  throw new Refusal(`\`${lock}\` is taken inside this code, which is laid out in an unusual way.`);
}

/** Whether the statements share no line with others, nor with the head of their block. */
function hasOwnLines(source: Source, { block, statements }: Region): boolean {
  const { tree } = source;
  const siblings = tree.children(block);
  const after = siblings[siblings.indexOf(statements.at(-1)!) + 1];
  return (
    source.isFirstOnLine(tree.start(statements[0]!)) &&
    (after === undefined || !sharesLine(source, statements.at(-1)!, after))
  );
}

/** One `with` for statements of which some are under it already. */
function joinUnder(source: Source, { block, statements }: Region, lock: string): TextEdit[] {
  const { tree, eol } = source;
  const [first, last] = [statements[0]!, statements.at(-1)!];
  const unit = source.unitOf(block) ?? source.unit;
  const indent = source.indentAt(tree.start(first));
  const blocks = blocksWithin(tree, statements, lock);
  const edits: TextEdit[] = [];
  for (const one of blocks) {
    if (source.unitOf(tree.child(one, Field.Body)) !== unit) {
      throw new Refusal(`\`${lock}\` is taken inside this code, which is laid out in an unusual way.`);
    }
    const start = source.lineStart(tree.start(one));
    if (one !== first) edits.push(source.replace(start, source.text.indexOf("\n", start) + 1, ""));
  }
  if (!blocks.includes(first))
    edits.push(source.insert(tree.start(first), `with ${lock}:${eol}${indent}${unit}`));
  // What is in those blocks stands as deep as it has to.
  const stays = blocks.map((one) => [
    source.lineStart(tree.start(one)),
    endWithComments(source, tree.end(one), source.indentAt(tree.start(one))),
  ]);
  const isStaying = (line: number) => stays.some(([from, to]) => from! <= line && line <= to!);
  edits.push(...deeper(source, tree.start(first), tree.end(last), indent, unit, isStaying));
  return edits;
}

/**
 * Puts the region under the heads of blocks, each inside the one before, and changes nothing else of its layout.
 * @param heads of statements that end with a colon; others stand in the block around and open none
 */
export function wrapUnder(source: Source, region: Region, heads: readonly string[]): TextEdit[] {
  const { tree, eol } = source;
  const first = region.statements[0]!;
  const last = region.statements.at(-1)!;
  const siblings = tree.children(region.block);
  const before = siblings[siblings.indexOf(first) - 1];
  const after = siblings[siblings.indexOf(last) + 1];
  const edits: TextEdit[] = [];
  const unit = source.unitOf(region.block) ?? source.unit;
  const lineOfBlock = source.firstOfLine(siblings, first);
  const isSuiteOnHeader = !source.isFirstOnLine(tree.start(lineOfBlock));
  const indent = source.indentAt(tree.start(lineOfBlock)) + (isSuiteOnHeader ? unit : "");
  if (isSuiteOnHeader) {
    if (lineOfBlock !== siblings[0]) throw new Refusal("The statement shares its line with another block.");
    if (lineOfBlock !== first) edits.push(breakBefore(source, lineOfBlock, indent, /:$/));
  }
  let inner = indent;
  const lines = heads.map((line) => {
    if (line.endsWith(":")) inner += unit;
    return line + eol + inner;
  });
  const head = lines.join("");
  if (before !== undefined && sharesLine(source, before, first)) {
    edits.push(source.replace(tree.end(before), tree.start(first), eol + indent + head));
  } else if (isSuiteOnHeader) {
    const broken = breakBefore(source, first, indent, /:$/);
    edits.push({ ...broken, newText: broken.newText + head });
  } else edits.push(source.insert(tree.start(first), head));
  edits.push(...deeper(source, tree.start(first), tree.end(last), indent, inner.slice(indent.length)));
  if (after !== undefined && sharesLine(source, last, after)) {
    edits.push(source.replace(tree.end(last), tree.start(after), eol + indent));
  }
  return edits;
}

function sharesLine(source: Source, a: number, b: number): boolean {
  return /^[ \t\f]*;[ \t\f]*$/.test(source.text.slice(source.tree.end(a), source.tree.start(b)));
}

/** Breaks the line before a statement that follows its block's colon. */
function breakBefore(source: Source, statement: number, indent: string, behind: RegExp): TextEdit {
  const start = source.tree.start(statement);
  const gap = /[ \t\f]*$/.exec(source.text.slice(source.lineStart(start), start))![0].length;
  if (!behind.test(source.text.slice(source.lineStart(start), start - gap))) {
    throw new Refusal("The block continues on another line in an unusual way.");
  }
  return source.replace(start - gap, start, source.eol + indent);
}

/** Indents the lines that begin inside the range, but not the inside of strings. */
function deeper(
  source: Source,
  start: number,
  end: number,
  indent: string,
  unit: string,
  isStaying: (line: number) => boolean = () => false,
): TextEdit[] {
  const strings = stringsWithin(source.tree, start, end);
  const edits: TextEdit[] = [];
  const stop = endWithComments(source, end, indent);
  for (let at = source.text.indexOf("\n", start) + 1; at > 0 && at < stop; ) {
    const isInString = strings.some(([from, to]) => from < at && at < to);
    const isBlank = /^\s*$/.test(source.text.slice(at, source.lineEnd(at)));
    if (!isInString && !isBlank && !isStaying(at)) {
      edits.push(source.insert(at + (source.text.startsWith(indent, at) ? indent.length : 0), unit));
    }
    at = source.text.indexOf("\n", at) + 1;
  }
  return edits;
}

/** Comments at the end of the last statement's block belong to it, though the tree has them behind it. */
function endWithComments(source: Source, end: number, indent: string): number {
  let stop = end;
  for (let at = source.text.indexOf("\n", end) + 1; at > 0; at = source.text.indexOf("\n", at) + 1) {
    const line = source.text.slice(at, source.lineEnd(at));
    if (/^\s*$/.test(line)) continue;
    if (!/^\s*#/.test(line) || !line.startsWith(indent) || !/^[ \t]/.test(line.slice(indent.length))) break;
    stop = at + line.length;
  }
  return stop;
}

function stringsWithin(tree: CompactTree, start: number, end: number): [number, number][] {
  const spans: [number, number][] = [];
  for (let node = 1; node < tree.count && tree.start(node) < end; node += 1) {
    if (tree.kind(node) !== Kind.String || tree.end(node) <= start) continue;
    if (tree.text.slice(tree.start(node), tree.end(node)).includes("\n")) {
      spans.push([tree.start(node), tree.end(node)]);
    }
  }
  return spans;
}
