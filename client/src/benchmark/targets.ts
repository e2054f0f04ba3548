/** Finds functions that can be benchmarked in a text as it is now, saved or not. Knows no editor. */

export interface FunctionPlace {
  readonly name: string;
  /** Lines, from 0: of the `def`, and the last of its body. */
  readonly line: number;
  readonly lastLine: number;
  /** It is called `bench_…`, or a comment asks for it. */
  readonly marked: boolean;
}

const definition = /^(?:async\s+)?def\s+([\p{L}_][\p{L}\p{N}_]*)/u;
const comment = /#\s*threadproof:\s*bench\(/;

/** Functions at the top of a module: those are the ones that can be called from outside. */
export function functionPlaces(text: string): FunctionPlace[] {
  const lines = text.split(/\r?\n/);
  const inside = linesInsideStrings(text);
  const places: FunctionPlace[] = [];
  let open: { name: string; line: number; marked: boolean } | undefined;
  /** A comment that waits for its function. */
  let asked = false;
  let last = 0;
  const close = () => {
    if (open) {
      places.push({ ...open, lastLine: last });
      open = undefined;
    }
  };
  for (const [index, line] of lines.entries()) {
    const blank = line.trim() === "";
    if (inside.has(index) || /^[\s)\]}]/.test(line) || blank) {
      last = blank ? last : index;
      continue;
    }
    const [, name] = definition.exec(line) ?? [];
    if (line.startsWith("#") || line.startsWith("@")) {
      asked ||= comment.test(line);
      // Comments at the margin may stand inside a function; a decorator begins the next one.
      if (line.startsWith("@") || comment.test(line)) {
        close();
      }
      continue;
    }
    close();
    if (name) {
      open = { name, line: index, marked: asked || name.startsWith("bench_") || comment.test(line) };
    }
    last = index;
    asked = false;
  }
  close();
  return places;
}

/** @param line from 0 */
export function functionAt(text: string, line: number): FunctionPlace | undefined {
  return functionPlaces(text).find((place) => place.line <= line && line <= place.lastLine);
}

/** Lines that begin inside a string of several lines: what looks like code there is none. */
function linesInsideStrings(text: string): ReadonlySet<number> {
  const inside = new Set<number>();
  // Comments, strings of one line with escapes, and triple quotes; whatever comes first counts.
  const token =
    /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|\n/g;
  let line = 0;
  for (const [found] of text.matchAll(token)) {
    const breaks = found.split("\n").length - 1;
    if (found !== "\n") {
      for (let next = line + 1; next <= line + breaks; next++) {
        inside.add(next);
      }
    }
    line += breaks;
  }
  return inside;
}
