// How a file names a member of a standard module, and the import it needs for that.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import { isImportedByThreading } from "../../../environment/standardLibrary.ts";
import type { TextEdit } from "../../fix.ts";
import { importPlace } from "../../importPlace.ts";
import { importedAs, memberImportedAs } from "../../lock/threadingImport.ts";
import { binds } from "../../scopes.ts";
import type { Source } from "../../source.ts";

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
  return alsoImported(source, module, member) ?? newImport(source, module, member);
}

/** `from queue import Queue` takes in one more name. */
function alsoImported(source: Source, module: string, member: string): Member | undefined {
  const { tree } = source;
  if (new RegExp(`\\b${member}\\b`).test(tree.text)) return undefined;
  for (const statement of tree.children(0)) {
    if (tree.kind(statement) !== Kind.ImportFromStatement) continue;
    const [from, ...items] = tree.children(statement);
    const last = items.at(-1);
    if (from === undefined || last === undefined || tree.source(from) !== module) continue;
    const isListed = items.every((item) => tree.kind(item) !== Kind.WildcardImport);
    // Lists over several lines are laid out as their owners like it.
    if (!isListed || tree.source(statement).includes("\n")) continue;
    const next = items.find((item) => tree.source(item) > member);
    const edit =
      next === undefined
        ? source.insert(tree.end(last), `, ${member}`)
        : source.insert(tree.start(next), `${member}, `);
    return { expression: member, edits: [edit] };
  }
  return undefined;
}

function newImport(source: Source, module: string, member: string): Member | undefined {
  const { tree } = source;
  // These modules import `threading`, or what it needs; `itertools` is compiled and imports nothing.
  if (module !== "itertools" && isImportedByThreading(source.path)) return undefined;
  const isTaken = new RegExp(`\\b${module}\\b\\s*(=[^=]|,|\\)|:)|\\bas ${module}\\b`).test(tree.text);
  const others = tree.children(0).filter((s) => !isFrom(source, s, module));
  if (isTaken || binds(tree, others, module)) return undefined;
  return { expression: `${module}.${member}`, edits: [importPlace(source, module)] };
}

function isFrom({ tree }: Source, statement: number, module: string): boolean {
  if (tree.kind(statement) !== Kind.ImportFromStatement) return false;
  const from = tree.children(statement)[0];
  return from !== undefined && tree.source(from) === module;
}
