// Names for new locks.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { lastName } from "./scopes.ts";

/** `CACHE`, `jobCount` and `_total` as a lock's name reads: `cache_lock`, `job_count_lock`, `total_lock`. */
export function lockNameFor(guarded: string): string {
  const words = lastName(guarded)
    .replace(/^_+|_+$/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
  return words === "" ? "state_lock" : `${words}_lock`;
}

/** The name, with a number behind it if the file uses it for anything already. */
export function unusedName(tree: CompactTree, name: string): string {
  const used = new Set<string>();
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.Identifier) used.add(tree.source(node));
  }
  // Names in strings count too: `__slots__`, getattr, templates.
  const isFree = (candidate: string) => !used.has(candidate) && !tree.text.includes(candidate);
  let candidate = name;
  for (let number = 2; !isFree(candidate); number += 1) candidate = `${name}_${number}`;
  return candidate;
}
