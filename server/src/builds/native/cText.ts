/**
 * C and C++ text as far as rules about extension modules need it: without comments, strings and directives, and with the
 * preprocessor's branches, so that code which a build never sees is left alone.
 */
import { type Definitions, evaluate } from "./condition.ts";

/** Code between two directives of one `#if … #endif`. */
interface Branch {
  readonly start: number;
  end: number;
  readonly parent: Branch | undefined;
  /** The same for all branches of one `#if`. */
  readonly group: number;
  /** Conditions of the branches before it, none of which may hold, and its own; none for `#else`. */
  readonly before: readonly string[];
  readonly own: string | undefined;
}

export type Activity = "yes" | "no" | "maybe";

/** Conditions that may have to do with the build of Python; others are taken to hold. */
const aboutPython = /py|gil|thread|mod_gil/i;

export class CText {
  /** As long as the text: comments, contents of strings and directives are blank. */
  readonly code: string;
  /** The code of one consistent choice of branches for free-threaded builds; brackets match in it. */
  readonly structure: string;
  private readonly branches: Branch[] = [];

  constructor(
    readonly text: string,
    freeThreaded: Definitions,
  ) {
    const plain = withoutComments(text);
    this.code = this.readDirectives(plain);
    this.structure = this.choose(freeThreaded);
  }

  /** Whether a build with these definitions sees the code at an offset. */
  activity(offset: number, definitions: Definitions): Activity {
    let result: Activity = "yes";
    for (let at = this.branchAt(offset); at; at = at.parent) {
      const one = activityOf(at, definitions);
      if (one === "no") return "no";
      if (one === "maybe") result = "maybe";
    }
    return result;
  }

  /** Conditions around an offset, innermost first. */
  conditionsAt(offset: number): string[] {
    const found: string[] = [];
    for (let at = this.branchAt(offset); at; at = at.parent) found.push(...at.before, at.own ?? "");
    return found;
  }

  /** All places where a word stands in code. */
  *uses(word: string): Generator<number> {
    const pattern = new RegExp(`\\b${word}\\b`, "g");
    for (const { index } of this.code.matchAll(pattern)) yield index;
  }

  private branchAt(offset: number): Branch | undefined {
    // Inner branches are opened after outer ones.
    return this.branches.findLast(({ start, end }) => start <= offset && offset < end);
  }

  private readDirectives(plain: string): string {
    const parts: string[] = [];
    const open: Branch[] = [];
    let from = 0;
    for (const match of plain.matchAll(/^[ \t]*#[ \t]*(\w*)((?:\\\r?\n|[^\n])*)/gm)) {
      const [whole, word, rest] = match;
      const start = match.index;
      const end = start + whole.length;
      parts.push(plain.slice(from, start), whole.replace(/[^\n]/g, " "));
      from = end;
      const current = open.at(-1);
      if (word === "if" || word === "ifdef" || word === "ifndef") {
        const own = conditionOf(word, rest!);
        open.push({ start: end, end: plain.length, parent: current, group: start, before: [], own });
        this.branches.push(open.at(-1)!);
      } else if (current && (word === "else" || word?.startsWith("elif"))) {
        current.end = start;
        const before = [...current.before, current.own ?? "1"];
        const own = word === "else" ? undefined : conditionOf(word, rest!);
        const { parent, group } = current;
        open[open.length - 1] = { start: end, end: plain.length, parent, group, before, own };
        this.branches.push(open.at(-1)!);
      } else if (word === "endif" && current) {
        current.end = start;
        open.pop();
      }
    }
    parts.push(plain.slice(from));
    return parts.join("");
  }

  private choose(definitions: Definitions): string {
    const parts: string[] = [];
    const taken = new Set<number>();
    let from = 0;
    for (const branch of this.branches) {
      const { start, end, group } = branch;
      if (start >= from && (activityOf(branch, definitions) === "no" || taken.has(group))) {
        parts.push(this.code.slice(from, start), this.code.slice(start, end).replace(/[^\n]/g, " "));
        from = end;
      } else taken.add(group);
    }
    parts.push(this.code.slice(from));
    return parts.join("");
  }
}

function conditionOf(word: string, rest: string): string {
  const text = rest.replace(/\\\r?\n/g, " ").trim();
  if (word === "ifdef" || word === "elifdef") return `defined(${text})`;
  if (word === "ifndef" || word === "elifndef") return `!defined(${text})`;
  return text;
}

function activityOf({ before, own }: Branch, definitions: Definitions): Activity {
  let result: Activity = "yes";
  const wanted = [
    ...before.map((text) => ({ text, value: false })),
    ...(own === undefined ? [] : [{ text: own, value: true }]),
  ];
  for (const { text, value } of wanted) {
    const known = evaluate(text, definitions);
    if (known === undefined) {
      if (aboutPython.test(text)) result = "maybe";
    } else if ((known !== 0) !== value) return "no";
  }
  return result;
}

const restOfLine = /(?:\\\r?\n|[^\n])*/y;
const interesting = /\/\/|\/\*|"|'/g;

/** Blanks comments and contents of strings and characters; quotes and line ends stay. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  const blank = (start: number, end: number) => {
    parts.push(text.slice(from, start), text.slice(start, end).replace(/[^\n]/g, " "));
    from = end;
  };
  interesting.lastIndex = 0;
  for (let match = interesting.exec(text); match; match = interesting.exec(text)) {
    const { index } = match;
    let end: number;
    if (match[0] === "//") {
      restOfLine.lastIndex = index;
      restOfLine.test(text);
      end = restOfLine.lastIndex;
      blank(index, end);
    } else if (match[0] === "/*") {
      const close = text.indexOf("*/", index + 2);
      end = close < 0 ? text.length : close + 2;
      blank(index, end);
    } else if (match[0] === "'" && /[0-9a-fA-F]/.test(text[index - 1] ?? "")) {
      end = index + 1; // separates digits: 1'000
    } else if (match[0] === '"' && text[index - 1] === "R") {
      const delimiter = /^[^(\s]*/.exec(text.slice(index + 1, index + 18))![0];
      const close = text.indexOf(`)${delimiter}"`, index);
      end = close < 0 ? text.length : close + delimiter.length + 2;
      blank(index + 1, Math.max(index + 1, end - 1));
    } else {
      end = endOfQuote(text, index, match[0]);
      blank(index + 1, Math.max(index + 1, end - 1));
    }
    interesting.lastIndex = end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

/** Offset after the closing quote, or that of the line's end where there is none. */
function endOfQuote(text: string, index: number, quote: string): number {
  for (let at = index + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") return at;
  }
  return text.length;
}
