// Comments that speak to this analysis: suppressions, annotations and what authors say of threads and the GIL.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { Comment } from "./facts.ts";

const speaksToUs = /threadproof|guarded[- ]by|thread-confined|\bGIL\b|atomic|thread[- ]?safe/i;

/** In the order of the text. Strings that look like comments are no comments: the tree tells. */
export function collectComments(tree: CompactTree): Comment[] {
  const found: Comment[] = [];
  for (let node = 0; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Comment) continue;
    const text = tree.source(node);
    if (speaksToUs.test(text)) found.push({ start: tree.start(node), text });
  }
  return found;
}
