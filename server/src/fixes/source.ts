// One file as the fixes see it: its tree, and how its lines are laid out.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { TargetVersion } from "../findings/options.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "./fix.ts";

/** Where the fixes read the code from: the present tree of a file, undefined for files that are not known. */
export interface Sources {
  tree(path: string): CompactTree | undefined;
  /** The CPython a file is judged by, the oldest one when not given. */
  target?(path: string): TargetVersion;
}

export class Source {
  readonly text: string;
  readonly eol: string;
  /** What one more level of indentation adds. */
  readonly unit: string;

  constructor(
    readonly path: string,
    readonly tree: CompactTree,
  ) {
    this.text = tree.text;
    this.eol = /\r?\n/.exec(this.text)?.[0] ?? "\n";
    this.unit = this.firstUnit();
  }

  private firstUnit(): string {
    const { tree } = this;
    for (let node = 1; node < tree.count; node += 1) {
      if (tree.kind(node) !== Kind.Block) continue;
      const unit = this.unitOf(node);
      if (unit !== undefined) return unit;
    }
    return "    ";
  }

  /** What the block's lines have more than its header's line; undefined for suites on the header's line. */
  unitOf(block: number): string | undefined {
    const { tree } = this;
    const first = tree.children(block)[0];
    if (first === undefined || block === 0 || !this.isFirstOnLine(tree.start(first))) return undefined;
    const outer = this.indentAt(tree.start(tree.parent(block)));
    const inner = this.indentAt(tree.start(first));
    return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : undefined;
  }

  lineStart(offset: number): number {
    return this.text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** The end of the line's text, before its line ending. */
  lineEnd(offset: number): number {
    const newline = this.text.indexOf("\n", offset);
    if (newline < 0) return this.text.length;
    return this.text[newline - 1] === "\r" ? newline - 1 : newline;
  }

  indentAt(offset: number): string {
    return /^[ \t\f]*/.exec(this.text.slice(this.lineStart(offset), offset))![0];
  }

  isFirstOnLine(offset: number): boolean {
    return /^[ \t\f]*$/.test(this.text.slice(this.lineStart(offset), offset));
  }

  /** The end of the line on which the statement, and those behind it on the same line, end. */
  endOfStatementLine(statement: number): number {
    const { tree } = this;
    let end = this.lineEnd(tree.end(statement));
    for (let next = tree.next(statement); next !== 0 && tree.start(next) < end; next = tree.next(next)) {
      end = this.lineEnd(tree.end(next));
    }
    return end;
  }

  /** The end of a definition with the comments that belong to its block. */
  endOfDefinition(statement: number): number {
    const indent = this.indentAt(this.tree.start(statement));
    let end = this.endOfStatementLine(statement);
    for (;;) {
      const next = this.text.indexOf("\n", end) + 1;
      const line = next === 0 ? "" : this.text.slice(next, this.lineEnd(next));
      if (!/^\s+#/.test(line) || !line.startsWith(indent) || !/^[ \t]/.test(line.slice(indent.length)))
        return end;
      end = this.lineEnd(next);
    }
  }

  insert(at: number, newText: string): TextEdit {
    return { path: this.path, start: at, end: at, newText };
  }

  replace(start: number, end: number, newText: string): TextEdit {
    return { path: this.path, start, end, newText };
  }

  /** A line of its own behind a statement that stands in a block of its own lines. */
  lineAfter(statement: number, line: string): TextEdit {
    const indent = this.blockIndent(statement);
    return this.insert(this.endOfStatementLine(statement), this.eol + indent + line);
  }

  /** A line of its own before a statement and the comments that belong to it. */
  lineBefore(statement: number, line: string): TextEdit {
    const indent = this.blockIndent(statement);
    let at = this.lineStart(this.tree.start(this.firstOnSameLine(statement)));
    for (;;) {
      const above = this.text.slice(this.lineStart(at - 1), at);
      if (at === 0 || !above.startsWith(`${indent}#`)) break;
      at = this.lineStart(at - 1);
    }
    return this.insert(at, indent + line + this.eol);
  }

  /** The statement that begins the line on which this one of its siblings begins. */
  firstOfLine(siblings: readonly number[], statement: number): number {
    let first = statement;
    for (let i = siblings.indexOf(statement) - 1; i >= 0; i -= 1) {
      const between = this.text.slice(this.tree.end(siblings[i]!), this.tree.start(first));
      if (between.includes("\n") || this.isFirstOnLine(this.tree.start(first))) break;
      first = siblings[i]!;
    }
    return first;
  }

  private firstOnSameLine(statement: number): number {
    return this.firstOfLine(this.tree.children(this.tree.parent(statement)), statement);
  }

  private blockIndent(statement: number): string {
    const first = this.firstOnSameLine(statement);
    if (!this.isFirstOnLine(this.tree.start(first))) {
      throw new Refusal("The place for the lock is in a block written on one line.");
    }
    return this.indentAt(this.tree.start(first));
  }
}

/** The sources of the files that a fix reads and changes, each made once. */
export type SourceOf = (path: string) => Source;

export function sourcesOf(sources: Sources): SourceOf {
  const known = new Map<string, Source>();
  return (path) => {
    let source = known.get(path);
    if (source === undefined) {
      const tree = sources.tree(path);
      if (tree === undefined) throw new Refusal("A file that needs the lock cannot be read.");
      source = new Source(path, tree);
      known.set(path, source);
    }
    return source;
  };
}
