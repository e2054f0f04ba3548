// Names for new locks.
import { Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { basesOf, lastName, nameOf } from "../scopes.ts";

/** `CACHE`, `jobCount` and `_total` as a lock's name reads: `cache_lock`, `job_count_lock`, `total_lock`. */
export function lockNameFor(guarded: string): string {
  const words = lastName(guarded)
    .replace(/^_+|_+$/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
  return words === "" ? "state_lock" : `${words}_lock`;
}

/** The name, with a number behind it if one of the files uses it for anything already. */
export function unusedName(trees: readonly CompactTree[], name: string): string {
  const used = new Set<string>();
  for (const tree of trees) {
    for (let node = 1; node < tree.count; node += 1) {
      if (tree.kind(node) === Kind.Identifier) used.add(tree.source(node));
    }
  }
  // Names in strings count too: `__slots__`, getattr, templates.
  const isFree = (candidate: string) =>
    !used.has(candidate) && !trees.some((tree) => tree.text.includes(candidate));
  return numbered(name, isFree);
}

/** The same for an attribute, which only has to differ from those of related classes. */
export function unusedAttribute(tree: CompactTree, owner: number, name: string): string {
  const sources = relatedClasses(tree, owner).map((cls) => tree.source(cls));
  return numbered(name, (candidate) => !sources.some((source) => source.includes(candidate)));
}

function numbered(name: string, isFree: (candidate: string) => boolean): string {
  let candidate = name;
  for (let number = 2; !isFree(candidate); number += 1) candidate = `${name}_${number}`;
  return candidate;
}

/** Classes of the file that share instances with this one: its bases, their other subclasses, and so on. */
export function relatedClasses(tree: CompactTree, owner: number): number[] {
  const classes: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.ClassDefinition) classes.push(node);
  }
  const isNextTo = (a: number, b: number) =>
    basesOf(tree, a).some((base) => lastName(base.replace(/\[.*/s, "")) === nameOf(tree, b));
  const related = [owner];
  for (let i = 0; i < related.length; i += 1) {
    const cls = related[i]!;
    for (const other of classes) {
      if (!related.includes(other) && (isNextTo(cls, other) || isNextTo(other, cls))) related.push(other);
    }
  }
  return related;
}
