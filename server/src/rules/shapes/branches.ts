// Whether two places of one function can both be passed in one run of it.
import type { FileNode } from "../../program/fileNode.ts";

/** Whether two contexts stand in different branches of one test. */
export function areExclusive(file: FileNode, one: number, two: number): boolean {
  const { contexts } = file.facts;
  for (let a = one; a !== 0; a = contexts[a]!.parent) {
    if (contexts[a]!.kind !== "test") continue;
    for (let b = two; b !== 0; b = contexts[b]!.parent) {
      const [first, second] = [contexts[a]!, contexts[b]!];
      if (second.kind !== "test" || first.holds === second.holds) continue;
      if (first.from === second.from && first.start === second.start) return true;
    }
  }
  return false;
}
