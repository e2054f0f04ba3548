// What the text itself tells of a syntax tree that has no errors. Reading a few characters costs a fraction of a
// call into the parser. Everything here answers only where the text leaves no doubt.

const [newline, tab, carriageReturn, space, hash, open, close, dot] = [10, 9, 13, 32, 35, 40, 41, 46];
const [closeSquare, closeCurly, backslash, quote, doubleQuote] = [93, 125, 92, 39, 34];

/** Where a name in ASCII ends that begins at `start`; -1 when there is none or other letters follow. */
export function nameEnd(text: string, start: number): number {
  for (let i = start; ; i += 1) {
    const c = text.charCodeAt(i);
    const isWord = (c >= 97 && c <= 122) || c === 95 || (c >= 65 && c <= 90) || (c >= 48 && c <= 57);
    if (!isWord) return i === start || c > 127 ? -1 : i;
  }
}

/** Where the name of an attribute begins whose object ends at `end`; -1 when more than a dot stands between. */
export function attributeNameAt(text: string, end: number): number {
  return text.charCodeAt(end) === dot ? end + 1 : -1;
}

export function isClosing(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === close || c === closeSquare || c === closeCurly;
}

export function isOpenParenthesis(text: string, at: number): boolean {
  return text.charCodeAt(at) === open;
}

export function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === newline;
}

/** The first character of code at or behind an offset on the same line; -1 when the line ends or a comment begins. */
export function codeAt(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === space) at += 1;
  switch (text.charCodeAt(at)) {
    case newline:
    case carriageReturn:
    case tab:
    case hash:
    case backslash:
      return -1;
    default:
      return at < text.length ? at : -1;
  }
}

/** Where a string that begins at `start` ends, if it is a short one without escapes; else -1. */
export function plainStringEnd(text: string, start: number): number {
  let at = start;
  let opening = text.charCodeAt(at);
  // At most two letters say how to read it.
  for (let i = 0; i < 2 && opening !== quote && opening !== doubleQuote; i += 1)
    opening = text.charCodeAt(++at);
  if (opening !== quote && opening !== doubleQuote) return -1;
  for (let i = at + 1; ; i += 1) {
    const c = text.charCodeAt(i);
    if (c === opening) return i === at + 1 && text.charCodeAt(i + 1) === opening ? -1 : i + 1;
    if (c === backslash || c === newline || c === carriageReturn || Number.isNaN(c)) return -1;
  }
}

/** Only f-strings and t-strings have expressions inside; other strings are leaves. */
export function isInterpolated(text: string, start: number): boolean {
  for (let i = start; i < start + 3; i += 1) {
    const c = text.charCodeAt(i) | 0x20;
    if (c === 0x66 || c === 0x74) return true; // f, t
    if (c !== 0x72 && c !== 0x62 && c !== 0x75) return false; // r, b, u may stand before f
  }
  return false;
}
