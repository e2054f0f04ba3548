/** Turns offsets of a text into ranges. */
import type { SourceRange } from "./finding.ts";

export function rangeIn(text: string, start: number, end: number): SourceRange {
  const from = placeIn(text, start);
  const to = placeIn(text, end);
  return {
    start,
    end,
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  let line = 0;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart };
}
