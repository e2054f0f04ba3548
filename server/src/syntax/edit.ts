// The one edit that turns an old text into a new one, in the form tree-sitter wants it.

export interface Point {
  row: number;
  column: number;
}

export interface TreeEdit {
  startIndex: number;
  oldEndIndex: number;
  newEndIndex: number;
  startPosition: Point;
  oldEndPosition: Point;
  newEndPosition: Point;
}

/** Compares by common prefix and suffix; undefined when the texts are equal. */
export function editBetween(before: string, after: string): TreeEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let prefix = commonStart(before, after);
  // A cut between the halves of a surrogate pair would leave an invalid position.
  if (prefix > 0 && (before.charCodeAt(prefix - 1) & 0xfc00) === 0xd800) prefix -= 1;
  let suffix = commonEnd(before, after, shorter - prefix);
  if (suffix > 0 && (before.charCodeAt(before.length - suffix) & 0xfc00) === 0xdc00) suffix -= 1;
  const oldEndIndex = before.length - suffix;
  const newEndIndex = after.length - suffix;
  return {
    startIndex: prefix,
    oldEndIndex,
    newEndIndex,
    startPosition: pointAt(before, prefix),
    oldEndPosition: pointAt(before, oldEndIndex),
    newEndPosition: pointAt(after, newEndIndex),
  };
}

/** Whole pieces are compared at once, which is many times faster than unit by unit. */
const piece = 4096;

/** How many code units two texts have in common at their starts. */
export function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + piece <= most && a.slice(at, at + piece) === b.slice(at, at + piece)) at += piece;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** How many code units, at most so many, two texts have in common at their ends. */
function commonEnd(a: string, b: string, most: number): number {
  const [endOfA, endOfB] = [a.length, b.length];
  let count = 0;
  while (
    count + piece <= most &&
    a.slice(endOfA - count - piece, endOfA - count) === b.slice(endOfB - count - piece, endOfB - count)
  ) {
    count += piece;
  }
  while (count < most && a.charCodeAt(endOfA - 1 - count) === b.charCodeAt(endOfB - 1 - count)) count += 1;
  return count;
}

function pointAt(text: string, index: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let i = text.indexOf("\n"); i >= 0 && i < index; i = text.indexOf("\n", i + 1)) {
    row += 1;
    lineStart = i + 1;
  }
  return { row, column: index - lineStart };
}
