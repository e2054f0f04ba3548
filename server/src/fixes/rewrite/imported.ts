// How a file names a member of a standard module, and the import it needs for that.
import type { TextEdit } from "../fix.ts";
import { importPlace } from "../importPlace.ts";
import { binds } from "../scopes.ts";
import type { Source } from "../source.ts";
import { importedAs, memberImportedAs } from "../threadingImport.ts";

export interface Member {
  /** What to write: `queue.Empty`, `Empty`. */
  readonly expression: string;
  /** The import to add, if any. */
  readonly edits: readonly TextEdit[];
}

/** Undefined where the module's name means something else in the file. */
export function moduleMember(source: Source, module: string, member: string): Member | undefined {
  const { tree } = source;
  const statements = tree.children(0);
  for (const statement of statements) {
    const root = importedAs(tree, statement, module);
    if (root !== undefined) return { expression: `${root}.${member}`, edits: [] };
    const found = memberImportedAs(tree, statement, module, member);
    if (found !== undefined) return { expression: found, edits: [] };
  }
  const isTaken = new RegExp(`\\b${module}\\b\\s*(=[^=]|,|\\)|:)|\\bas ${module}\\b`).test(tree.text);
  if (isTaken || binds(tree, statements, module)) return undefined;
  return { expression: `${module}.${member}`, edits: [importPlace(source, module)] };
}
