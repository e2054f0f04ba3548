// The place of a finding as the rewrites see it: its node, the statements around it, and their layout.
import { Kind } from "../../../../grammars/python/symbols.ts";
import type { Finding } from "../../findings/finding.ts";
import type { TargetVersion } from "../../findings/options.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../fix.ts";
import { Source } from "../source.ts";

/** A fix that is better than a lock, or nothing where the code has another shape than the fix is right for. */
export type Rewrite = (place: Place) => TextFix | undefined;

export class Place {
  readonly source: Source;
  /** The innermost node that covers the finding's range. */
  readonly node: number;

  constructor(
    readonly finding: Finding,
    readonly tree: CompactTree,
    readonly target: TargetVersion,
  ) {
    this.source = new Source(finding.path, tree);
    this.node = tree.enclosing(finding.range.start, finding.range.end);
  }

  /** The statement that a node stands in, itself a child of a block or of the module. */
  statementOf(node: number): number {
    let at = node;
    while (at > 0 && !isBlock(this.tree.kind(this.tree.parent(at)))) at = this.tree.parent(at);
    return at;
  }

  /** The neighbours of a statement in its block, itself included. */
  siblingsOf(statement: number): number[] {
    return this.tree.children(this.tree.parent(statement));
  }

  /** The statement has its lines for itself, so that whole lines may be written in its place. */
  ownsLines(statement: number): boolean {
    const { source, tree } = this;
    const behind = this.source.text.slice(tree.end(statement), source.lineEnd(tree.end(statement)));
    return source.isFirstOnLine(tree.start(statement)) && /^\s*(#.*)?$/.test(behind);
  }

  fix(title: string, edits: readonly TextEdit[], isSafe: boolean): TextFix {
    return { title, edits, isPreferred: true, ...(isSafe && { isSafe: true }) };
  }

  /** A fix that suits the shape of the code but would be wrong here. */
  refused(title: string, reason: string): TextFix {
    return { title, edits: [], isPreferred: false, disabled: reason };
  }
}

export function isBlock(kind: Kind): boolean {
  return kind === Kind.Block || kind === Kind.Module;
}
