// Files that import data by name import its lock from the same place: `from m import CACHE, _cache_lock`.
import { Kind } from "../../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { bindsLocally } from "../scopes.ts";
import type { Source } from "../source.ts";
import { importedMembers } from "./threadingImport.ts";

/**
 * The imports to extend in the files other than the owner's, each once.
 * @param name of the lock, which nothing else in these files has
 */
export function importsOfLock(owner: Source, code: readonly GuardedCode[], name: string): TextEdit[] {
  const edits = new Map<string, TextEdit>();
  for (const { source, site, fn } of code) {
    if (source === owner || site.receiver !== undefined) continue;
    if (site.importedAs === undefined) throw new Refusal("The lock has no name in a file that needs it.");
    const { tree } = source;
    const statement = importOf(source, site.importedAs);
    if (fn !== 0 && bindsLocally(tree, fn, site.importedAs)) {
      throw new Refusal(
        `\`${site.importedAs}\` is imported inside a function, and its lock would have to be.`,
      );
    }
    const items = importedMembers(tree, statement);
    if (items.some((item) => item.bound === name)) continue;
    const last = items.at(-1)!.node;
    const isLinePerItem = source.isFirstOnLine(tree.start(last)) && items.length > 1;
    const gap = isLinePerItem ? source.eol + source.indentAt(tree.start(last)) : " ";
    const later = items.find(({ node }) => followsLock(tree.source(node), name));
    const edit =
      later === undefined
        ? source.insert(tree.end(last), `,${gap}${name}`)
        : source.insert(tree.start(later.node), `${name},${gap}`);
    edits.set(`${source.path}:${statement}`, edit);
  }
  return [...edits.values()];
}

/** In sorted lists constants and classes come first, then the rest by name. */
function followsLock(item: string, name: string): boolean {
  return !/^[A-Z]/.test(item) && !/^_*[A-Z0-9_]+$/.test(item) && item.toLowerCase() > name.toLowerCase();
}

/** The top-level `from … import` that binds the name. */
function importOf(source: Source, bound: string): number {
  const { tree } = source;
  const statement = tree
    .children(0)
    .find(
      (s) =>
        tree.kind(s) === Kind.ImportFromStatement &&
        importedMembers(tree, s).some((item) => item.bound === bound),
    );
  if (statement === undefined) {
    throw new Refusal("The data comes here in a way by which its lock cannot come along.");
  }
  return statement;
}
