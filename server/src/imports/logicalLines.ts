/** Cuts Python text into logical lines, jumping over strings, comments and brackets. */

export interface LogicalLine {
  /** Offsets of the whole line; `end` is that of its line end. */
  readonly start: number;
  readonly end: number;
  /** Columns of indentation, tabs counted as CPython does; and how many characters they are. */
  readonly indent: number;
  readonly indentLength: number;
}

const interesting = /["'#()[\]{}\n\\]/g;
const stringEnd = { "'": /\\[\s\S]|'|\n/g, '"': /\\[\s\S]|"|\n/g } as const;
const longEnd = { "'": /\\[\s\S]|'''/g, '"': /\\[\s\S]|"""/g } as const;
/** Statements that stand in no bracket: an unclosed one before them ends here. */
const restart = /(?:import|from|def|class)[ \t]/y;

export function* logicalLines(text: string): Generator<LogicalLine> {
  let start = 0;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    interesting.lastIndex = at;
    const index = interesting.exec(text)?.index ?? text.length;
    const char = text[index];
    at = index + 1;
    if (char === "\n" || char === undefined) {
      restart.lastIndex = at;
      if (depth > 0 && char !== undefined && !restart.test(text)) continue;
      depth = 0;
      yield* line(text, start, index);
      start = at;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      if (end < 0) yield* line(text, start, text.length);
      if (end < 0) return;
    } else if (char === "'" || char === '"') {
      at = afterString(text, index, char);
    } else if (char === "\\") {
      at += text[at] === "\r" ? 2 : 1;
    } else if (char === "(" || char === "[" || char === "{") {
      depth += 1;
    } else {
      depth = Math.max(0, depth - 1);
    }
  }
  if (start < text.length && text[text.length - 1] !== "\n") yield* line(text, start, text.length);
}

function* line(text: string, start: number, end: number): Generator<LogicalLine> {
  let indent = 0;
  let at = start;
  for (; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 32) indent += 1;
    else if (char === 9) indent = (Math.floor(indent / 8) + 1) * 8;
    else if (char !== 0xfeff && char !== 12) break;
  }
  const first = text.charCodeAt(at);
  if (at < end && first !== 35 && first !== 13) yield { start, end, indent, indentLength: at - start };
}

/** Offset after a string's closing quote; a short string that is not closed ends with its line. */
function afterString(text: string, index: number, quote: "'" | '"'): number {
  const long = text.startsWith(quote.repeat(3), index);
  const end = long ? longEnd[quote] : stringEnd[quote];
  end.lastIndex = index + (long ? 3 : 1);
  for (let match = end.exec(text); match; match = end.exec(text)) {
    if (match[0] === "\n") return match.index;
    if (match[0][0] !== "\\") return end.lastIndex;
  }
  return text.length;
}
