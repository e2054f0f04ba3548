// Reads suppression comments:  # threadproof: ignore[rule-name, other-rule] reason
import type { Comment } from "../facts/facts.ts";
import { nearest } from "../findings/nearest.ts";

/** One `threadproof: …` in a comment; a comment may hold several, beside those of other tools. */
export interface Directive {
  readonly kind: "ignore" | "ignore-file";
  /** Offset of the `#` it begins with, and of the end of its text, reason included. */
  readonly start: number;
  readonly end: number;
  /** The rules it names; undefined for all rules. */
  readonly rules: readonly NamedRule[] | undefined;
  /** What follows the brackets: why the finding is accepted. May be empty. */
  readonly reason: string;
  readonly comment: Comment;
  /** Why it silences nothing, if it is written wrongly. */
  readonly fault: string | undefined;
}

export interface NamedRule {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const opening = /#[ \t]*threadproof[ \t]*:[ \t]*([a-z-]+)/gi;

/** The directives of a file's comments, in order. Comments that merely mention the tool are none. */
export function readDirectives(comments: readonly Comment[]): Directive[] {
  return comments.flatMap((comment) => [...comment.text.matchAll(opening)].flatMap((m) => read(comment, m)));
}

function read(comment: Comment, match: RegExpExecArray): Directive[] {
  const word = match[1]!.toLowerCase();
  const kind = word === "ignore" || word === "ignore-file" ? word : undefined;
  if (kind === undefined && (word === "holds" || nearest(word, ["ignore", "ignore-file"]) === undefined))
    return [];
  const { text } = comment;
  const from = match.index + match[0].length;
  // The next `#` begins somebody else's comment: `# threadproof: ignore[x]  # noqa`.
  const next = text.indexOf("#", from);
  const body = text.slice(from, next < 0 ? text.length : next).trimEnd();
  const end = comment.start + from + body.length;
  const brackets = /^[ \t]*\[([^\]]*)(\]?)/.exec(body);
  const rules =
    brackets === null ? undefined : rulesIn(brackets[1]!, comment.start + from + body.indexOf("[") + 1);
  const reason = body.slice(brackets?.[0].length ?? 0).trim();
  const common = { start: comment.start + match.index, end, rules, reason, comment };
  const fault =
    kind === undefined
      ? `there is no \`${word}\`; did you mean \`${nearest(word, ["ignore", "ignore-file"])}\`?`
      : faultOf(kind, comment, brackets, rules);
  return [{ ...common, kind: kind ?? "ignore", fault }];
}

function faultOf(
  kind: Directive["kind"],
  comment: Comment,
  brackets: RegExpExecArray | null,
  rules: readonly NamedRule[] | undefined,
): string | undefined {
  if (brackets !== null && brackets[2] === "") return "its bracket is not closed";
  if (rules?.length === 0) return "its brackets name no rule";
  if (kind === "ignore-file" && !comment.ownLine) return "`ignore-file` needs a line of its own";
  if (kind === "ignore" && comment.ownLine && comment.from === comment.to)
    return "no statement stands directly below it; for the whole file write `ignore-file`";
  return undefined;
}

function rulesIn(list: string, at: number): NamedRule[] {
  return [...list.matchAll(/[^\s,]+/g)].map(({ 0: name, index }) => ({
    name,
    start: at + index,
    end: at + index + name.length,
  }));
}
