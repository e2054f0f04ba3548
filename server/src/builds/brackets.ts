/** Brackets and calls in text whose comments and strings are blank: C, C++, Rust, CMake and Meson alike. */

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Offset of the bracket that closes the one at `open`; -1 when nothing does. */
export function closeOf(code: string, open: number): number {
  const first = code[open]!;
  const last = closing[first]!;
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === first) depth += 1;
    else if (code[at] === last && --depth === 0) return at;
  }
  return -1;
}

/** A part of a text between separators. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** The parts between commas that stand in no further bracket, without the white space around them; empty ones too. */
export function partsOf(code: string, start: number, end: number): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at <= end; at += 1) {
    const char = at === end ? "," : code[at]!;
    if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) depth -= 1;
    else if (char === "," && (depth === 0 || at === end)) {
      parts.push(trimmed(code, from, at));
      from = at + 1;
    }
  }
  return parts;
}

function trimmed(code: string, start: number, end: number): Part {
  let from = start;
  let to = end;
  while (from < to && /\s/.test(code[from]!)) from += 1;
  while (to > from && /\s/.test(code[to - 1]!)) to -= 1;
  return { start: from, end: to };
}

export interface CallSite {
  readonly name: string;
  /** Offset of the name, and of the brackets. */
  readonly start: number;
  readonly open: number;
  readonly close: number;
}

/** Calls of the names that a pattern matches, in order; those whose bracket is never closed are left out. */
export function callsOf(code: string, names: string): CallSite[] {
  const found: CallSite[] = [];
  for (const match of code.matchAll(new RegExp(`\\b(${names})\\s*\\(`, "g"))) {
    const open = match.index + match[0].length - 1;
    const close = closeOf(code, open);
    if (close >= 0) found.push({ name: match[1]!, start: match.index, open, close });
  }
  return found;
}

/** The white space a line begins with, up to an offset in it. */
export function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))![0];
}

const hashTokens = /#[^\n]*|'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\])*"/g;

/** Blanks `#` comments and the contents of strings in single, double and, where there are any, triple quotes. */
export function withoutHashComments(text: string): string {
  return text.replace(hashTokens, (match) =>
    match[0] === "#" ? " ".repeat(match.length) : withoutContents(match),
  );
}

/** Blanks `#` comments and leaves strings as they are. */
export function withoutCommentsOnly(text: string): string {
  return text.replace(hashTokens, (match) => (match[0] === "#" ? " ".repeat(match.length) : match));
}

/** A string's quotes with nothing but white space between them. */
export function withoutContents(quoted: string): string {
  return quoted[0] + quoted.slice(1, -1).replace(/[^\n]/g, " ") + quoted.at(-1);
}
