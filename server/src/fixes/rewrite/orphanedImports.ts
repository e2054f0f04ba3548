// Imports that nothing in the file uses any more after a rewrite.
import { Kind } from "../../../../grammars/python/symbols.ts";
import type { TextEdit } from "../fix.ts";
import type { Source } from "../source.ts";

/**
 * The edits, and those that take out what is imported at the top of the module and used within the edited text only.
 * Modules that say in `__all__` what they hand on are left alone, and so are lists over several lines.
 */
export function withoutOrphanedImports(source: Source, edits: readonly TextEdit[]): TextEdit[] {
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
    if (kept.length === 0) removeLine(source, statement, result);
    else {
      const list = kept.map((name) => tree.source(name)).join(", ");
      result.push(source.replace(tree.start(names[0]!), tree.end(names.at(-1)!), list));
    }
  }
  return result;
}

/** What is inserted behind the statement on its line, a new import, takes its place. */
function removeLine(source: Source, statement: number, edits: TextEdit[]): void {
  const start = source.lineStart(source.tree.start(statement));
  const end = source.text.indexOf("\n", source.tree.end(statement)) + 1;
  const at = edits.findIndex((edit) => edit.start === edit.end && start < edit.start && edit.start < end);
  const added = at < 0 ? "" : edits.splice(at, 1)[0]!.newText.trim() + source.eol;
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

/** Used somewhere, and everywhere within what an edit replaces by something without it. */
function isOrphaned(source: Source, statement: number, name: string, edits: readonly TextEdit[]): boolean {
  const { tree } = source;
  let uses = 0;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== name) continue;
    if (tree.start(node) >= tree.start(statement) && tree.end(node) <= tree.end(statement)) continue;
    const isReplaced = edits.some(
      ({ start, end, newText }) =>
        start <= tree.start(node) && tree.end(node) <= end && !new RegExp(`\\b${name}\\b`).test(newText),
    );
    if (!isReplaced) return false;
    uses += 1;
  }
  return uses > 0;
}
