// After an edit most top-level statements are as they were, only moved. Their part of the compact tree is
// copied, so that an edit costs what the edited statement costs and not what the file does.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree, TreeArrays } from "./compactTree.ts";
import type { TreeEdit } from "./edit.ts";
import type { Cursor } from "./readCursor.ts";

export interface TreeBefore {
  readonly tree: CompactTree;
  readonly edit: TreeEdit;
}

interface Untouched {
  /** Number of nodes. */
  readonly size: number;
  copyInto(arrays: TreeArrays, at: number): number;
}

export class UntouchedStatements {
  /** Top-level nodes of the tree before, by their start. */
  private readonly byStart = new Map<number, number>();

  constructor(private readonly before: TreeBefore) {
    const { tree } = before;
    for (let node = tree.firstChild(0); node !== 0; node = tree.next(node))
      this.byStart.set(tree.start(node), node);
  }

  /** The shape of broken code depends on what stands around it; that of a sound statement does not. */
  private isSound(node: number): boolean {
    const { tree } = this.before;
    if (!tree.hasError) return true;
    const end = tree.subtreeEnd(node);
    for (let n = node; n < end; n += 1) {
      // A missing token is a node without width.
      if (tree.kind(n) === Kind.Error || tree.start(n) === tree.end(n)) return false;
    }
    return true;
  }

  /** The statement under the cursor as the tree before had it, if the edit did not come near it. */
  find(kind: number, cursor: Cursor): Untouched | undefined {
    if (this.byStart.size === 0) return undefined;
    const { tree, edit } = this.before;
    const start = cursor.startIndex;
    const isBehind = start > edit.newEndIndex;
    const offset = isBehind ? edit.newEndIndex - edit.oldEndIndex : 0;
    const node = this.byStart.get(start - offset);
    if (node === undefined || tree.kind(node) !== kind) return undefined;
    const isBefore = tree.end(node) < edit.startIndex;
    if (!isBefore && !(isBehind && tree.start(node) > edit.oldEndIndex)) return undefined;
    if (cursor.endIndex !== tree.end(node) + offset || !this.isSound(node)) return undefined;
    return {
      size: tree.subtreeEnd(node) - node,
      copyInto: (arrays, at) => tree.copySubtree(node, arrays, at, offset),
    };
  }
}
