// Edits that add and take away suppression comments.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { Finding } from "../findings/finding.ts";
import type { TextEdit, TextFix } from "../fixes/fix.ts";
import type { CompactTree } from "../syntax/compactTree.ts";

/**
 * The comment that silences a finding, at the end of the line where its code begins. A suppression that already stands
 * there is given one more rule.
 * @param tree of the text that the finding was made from
 */
export function suppressHere({ path, rule, range }: Finding, tree: CompactTree): TextFix {
  const { text } = tree;
  const line = endOfLine(text, range.start);
  const content = text.slice(range.start, line);
  const title = `Silence ${rule} here`;
  const known = /#[ \t]*threadproof[ \t]*:[ \t]*ignore[ \t]*\[([^\]\n]*)\]/i.exec(content);
  if (known !== null) {
    const at = range.start + known.index + known[0].length - 1;
    const more = known[1]!.trim() === "" ? rule : `, ${rule}`;
    return { title, edits: [{ path, start: at, end: at, newText: more }], isPreferred: false };
  }
  const code = range.start + content.trimEnd().length;
  const edit = takesComment(tree, code)
    ? { path, start: code, end: line, newText: `  # threadproof: ignore[${rule}]` }
    : above(path, rule, range.start, tree);
  return { title, edits: [edit], isPreferred: false };
}

/** Behind a line that is continued by a backslash or within a string there is no room for a comment. */
function takesComment(tree: CompactTree, end: number): boolean {
  if (tree.text[end - 1] === "\\") return false;
  const inside = tree.enclosing(end, Math.min(end + 1, tree.text.length));
  for (let node = inside; node > 0; node = tree.parent(node)) {
    if (tree.kind(node) === Kind.String) return tree.end(node) <= end;
  }
  return true;
}

/** Above its statement a comment reaches all of it. */
function above(path: string, rule: string, at: number, tree: CompactTree): TextEdit {
  const { text } = tree;
  let statement = tree.enclosing(at, at + 1);
  while (statement > 0 && !isBlock(tree.kind(tree.parent(statement)))) statement = tree.parent(statement);
  const start = text.lastIndexOf("\n", tree.start(statement) - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start))![0];
  const newText = `${indent}# threadproof: ignore[${rule}]${text.includes("\r\n") ? "\r\n" : "\n"}`;
  return { path, start, end: start, newText };
}

function isBlock(kind: Kind): boolean {
  return kind === Kind.Block || kind === Kind.Module;
}

/**
 * Takes away what an `unused-suppression` finding points at: the whole comment, with its line if nothing else stands
 * there, or one name of several.
 */
export function removeSuppression({ path, range }: Finding, text: string): TextFix {
  const title = "Remove the unused suppression";
  const isWhole = text[range.start] === "#";
  const edit = isWhole
    ? comment(path, range.start, range.end, text)
    : name(path, range.start, range.end, text);
  return { title, edits: [edit], isPreferred: true };
}

function comment(path: string, start: number, end: number, text: string): TextEdit {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const line = endOfLine(text, end);
  const before = text.slice(lineStart, start);
  const behind = text.slice(end, line).trim();
  if (behind !== "")
    return { path, start, end: end + /^[ \t]*/.exec(text.slice(end))![0].length, newText: "" };
  if (before.trim() !== "")
    return { path, start: lineStart + before.trimEnd().length, end: line, newText: "" };
  const breakLength = text.startsWith("\r\n", line) ? 2 : line < text.length ? 1 : 0;
  return { path, start: lineStart, end: line + breakLength, newText: "" };
}

/** A name with the comma that ties it to its neighbours. */
function name(path: string, start: number, end: number, text: string): TextEdit {
  const behind = /^[ \t]*,[ \t]*/.exec(text.slice(end));
  if (behind !== null) return { path, start, end: end + behind[0].length, newText: "" };
  const before = /[ \t]*,[ \t]*$/.exec(text.slice(0, start));
  return { path, start: start - (before?.[0].length ?? 0), end, newText: "" };
}

/** Offset of the line break behind an offset, `\r` included in the break. */
function endOfLine(text: string, offset: number): number {
  const found = text.indexOf("\n", offset);
  const end = found < 0 ? text.length : found;
  return text[end - 1] === "\r" ? end - 1 : end;
}
