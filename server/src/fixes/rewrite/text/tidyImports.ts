// The imports of a file after a rewrite: new ones in order, and none that nothing uses any more.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextEdit } from "../../fix.ts";
import type { Source } from "../../source.ts";

/**
 * The edits with new imports at one place in order, and with edits that take out what is imported at the top of the module
 * and used within the edited text only. Modules that say in `__all__` what they hand on lose no import, and neither do
 * lists over several lines.
 */
export function withTidyImports(source: Source, edits: readonly TextEdit[]): TextEdit[] {
  return withoutOrphans(
    source,
    [...edits].sort((a, b) => a.start - b.start || (isNewImport(a, b) ? order(a, b) : 0)),
  );
}

/** Both add an import at the same place. */
function isNewImport(a: TextEdit, b: TextEdit): boolean {
  const isImport = ({ start, end, newText }: TextEdit) => start === end && /^\s*(import|from) /.test(newText);
  return a.start === b.start && isImport(a) && isImport(b);
}

function order(a: TextEdit, b: TextEdit): number {
  return a.newText.trim() < b.newText.trim() ? -1 : 1;
}

function withoutOrphans(source: Source, edits: readonly TextEdit[]): TextEdit[] {
  const { tree } = source;
  if (/\b__all__\b/.test(tree.text)) return [...edits];
  const result = [...edits];
  for (const statement of tree.children(0)) {
    const kind = tree.kind(statement);
    const isFrom = kind === Kind.ImportFromStatement;
    if ((!isFrom && kind !== Kind.ImportStatement) || /[(;\\#*]/.test(lineOf(source, statement))) continue;
    const names = tree.children(statement).slice(isFrom ? 1 : 0);
    const kept = names.filter((name) => !isOrphaned(source, statement, boundBy(tree.source(name)), edits));
    if (kept.length === names.length) continue;
    const added = result.filter((edit) => isListed(source, statement, edit));
    if (added.length > 0) {
      // `from os import a` that takes in `b` and loses `a` is one change of its list.
      const list = [
        ...kept.map((name) => tree.source(name)),
        ...added.map((e) => e.newText.replace(/\W/g, "")),
      ];
      for (const edit of added) result.splice(result.indexOf(edit), 1);
      result.push(source.replace(tree.start(names[0]!), tree.end(names.at(-1)!), list.sort().join(", ")));
      continue;
    }
    if (kept.length === 0) removeLine(source, statement, result);
    else {
      const list = kept.map((name) => tree.source(name)).join(", ");
      result.push(source.replace(tree.start(names[0]!), tree.end(names.at(-1)!), list));
    }
  }
  return result;
}

/** One more name for the list of an import: `, b` or `b, `. */
function isListed({ tree }: Source, statement: number, { start, end, newText }: TextEdit): boolean {
  const isInside = tree.start(statement) < start && start <= tree.end(statement);
  return start === end && isInside && /^(, \w+|\w+, )$/.test(newText);
}

/**
 * What is inserted in front of the statement or behind it on its line, a new import, takes its place. Without one the blank
 * lines around the line become one gap.
 */
function removeLine(source: Source, statement: number, edits: TextEdit[]): void {
  const { text } = source;
  const start = source.lineStart(source.tree.start(statement));
  let end = text.indexOf("\n", source.tree.end(statement)) + 1;
  const at = edits.findIndex((edit) => edit.start === edit.end && start <= edit.start && edit.start < end);
  const added = at < 0 ? "" : edits.splice(at, 1)[0]!.newText.trim() + source.eol;
  if (added === "") {
    const above = /(?:^|\n)((?:\r?\n)*)$/.exec(text.slice(0, start))![1]!.length;
    const below = /^(?:\r?\n)*/.exec(text.slice(end))![0].length;
    end += text.slice(0, start).trim() === "" ? below : Math.min(above, below);
  }
  // A line that another edit replaces or adds to is not taken along.
  if (edits.some((edit) => edit.start < end && edit.end > start)) return;
  edits.push(source.replace(start, end, added));
}

function lineOf(source: Source, statement: number): string {
  const start = source.tree.start(statement);
  return source.text.slice(source.lineStart(start), source.lineEnd(start));
}

/** `c` for `a.b as c`, `a` for `a.b`. */
function boundBy(imported: string): string {
  const [path, alias] = imported.split(/\s+as\s+/);
  return alias ?? path!.split(".")[0]!;
}

/**
 * Mentioned somewhere, only within what the edits replace, and in none of what they write. A mention in a string or comment
 * counts: it may be an annotation.
 */
function isOrphaned(source: Source, statement: number, name: string, edits: readonly TextEdit[]): boolean {
  const { tree, text } = source;
  const mention = new RegExp(`\\b${name}\\b`, "g");
  // `from name.part import …` needs no import of the name.
  const froms = tree
    .children(0)
    .flatMap((s) => (tree.kind(s) === Kind.ImportFromStatement ? [tree.firstChild(s)] : []));
  let uses = 0;
  for (const { index } of text.matchAll(mention)) {
    if ([statement, ...froms].some((node) => tree.start(node) <= index && index < tree.end(node))) continue;
    if (!edits.some(({ start, end }) => start <= index && index + name.length <= end)) return false;
    uses += 1;
  }
  return uses > 0 && !edits.some(({ newText }) => newText.search(mention) >= 0);
}
