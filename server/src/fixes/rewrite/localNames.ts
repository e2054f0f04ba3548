// Names for what the rewrites introduce.
import type { CompactTree } from "../../syntax/compactTree.ts";

/** The name, with a number behind it when the file uses it already, even in a string. */
export function freshName(tree: CompactTree, name: string): string {
  const words = new Set(tree.text.match(/\w+/g) ?? []);
  let candidate = name;
  for (let number = 2; words.has(candidate); number += 1) candidate = `${name}_${number}`;
  return candidate;
}
