// How a file names the lock classes of `threading`, and the import it needs for that.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import { isImportedByThreading } from "../../environment/standardLibrary.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { importPlace } from "../importPlace.ts";
import type { Source } from "../source.ts";

export interface LockClass {
  /** What to call: `threading.Lock`, `th.RLock`, `Lock`, `_thread.allocate_lock`. */
  readonly expression: string;
  /** The first name of the expression. */
  readonly root: string;
  /** The import to add; none when the file has one at its top level. */
  readonly edits: readonly TextEdit[];
  /** The import statement that binds the root; 0 when it is new. */
  readonly statement: number;
  /** Where the import to add goes, or where the one in use ends. */
  readonly end: number;
}

export function lockClass(source: Source, name: "Lock" | "RLock"): LockClass {
  const { tree } = source;
  if (/(^|[\\/])threading\.py$/.test(source.path)) {
    throw new Refusal("This file is `threading` itself and cannot import it.");
  }
  // What `threading` itself imports takes its locks from where `threading` has them.
  const isBelow = isImportedByThreading(source.path);
  const low = { module: "_thread", made: name === "Lock" ? "allocate_lock" : name };
  const high = { module: "threading", made: name };
  // A file that has its locks from `_thread` has a reason not to import `threading`.
  for (const { module, made } of isBelow ? [low] : [high, low]) {
    for (const statement of tree.children(0)) {
      const root = importedAs(tree, statement, module);
      const member = root === undefined ? memberImportedAs(tree, statement, module, made) : undefined;
      const found = root ?? member;
      if (found === undefined) continue;
      const expression = root === undefined ? found : `${root}.${made}`;
      return { expression, root: found, edits: [], statement, end: source.endOfStatementLine(statement) };
    }
  }
  const { module, made } = isBelow ? low : high;
  const edit = importPlace(source, module);
  return { expression: `${module}.${made}`, root: module, edits: [edit], statement: 0, end: edit.start };
}

/** The name that `import module` or `import module as name` binds, if the statement does. */
export function importedAs(tree: CompactTree, statement: number, module: string): string | undefined {
  if (tree.kind(statement) !== Kind.ImportStatement) return undefined;
  for (const item of tree.children(statement)) {
    if (tree.kind(item) === Kind.AliasedImport) {
      if (tree.source(tree.child(item, Field.Name)) === module)
        return tree.source(tree.child(item, Field.Alias));
    } else if (tree.source(item) === module) return module;
  }
  return undefined;
}

/** The name that `from module import member [as name]` binds, if the statement does. */
export function memberImportedAs(
  tree: CompactTree,
  statement: number,
  module: string,
  member: string,
): string | undefined {
  if (tree.kind(statement) !== Kind.ImportFromStatement) return undefined;
  if (tree.source(tree.firstChild(statement)) !== module) return undefined;
  return importedMembers(tree, statement).find((item) => item.name === member)?.bound;
}

/** What a `from … import` takes from the module, and what it calls it. */
export function importedMembers(
  tree: CompactTree,
  statement: number,
): { node: number; name: string; bound: string }[] {
  const [, ...items] = tree.children(statement);
  return items
    .filter((item) => tree.kind(item) === Kind.AliasedImport || tree.kind(item) === Kind.DottedName)
    .map((item) => {
      const name = tree.source(tree.child(item, Field.Name) || item);
      const alias = tree.kind(item) === Kind.AliasedImport ? tree.child(item, Field.Alias) : 0;
      return { node: item, name, bound: alias === 0 ? name : tree.source(alias) };
    });
}
