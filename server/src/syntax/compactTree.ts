import { type Field, Kind } from "../../../grammars/python/symbols.ts";

/** The arrays of a tree under construction. */
export interface TreeArrays {
  readonly kinds: Uint16Array;
  readonly fields: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly parents: Int32Array;
  readonly nexts: Int32Array;
}

/**
 * A syntax tree as flat arrays in preorder: node 0 is the module and the children of node n follow it.
 * Only named nodes are kept; operators are read from the text between their operands.
 * Plain data, so it outlives the parser's tree, and reading it costs no call into the parser.
 */
export class CompactTree {
  constructor(
    readonly text: string,
    readonly count: number,
    private readonly kinds: Uint16Array,
    private readonly fields: Uint8Array,
    private readonly starts: Uint32Array,
    private readonly ends: Uint32Array,
    private readonly parents: Int32Array,
    /** Index of the next sibling, or 0 when the node is the last child. */
    private readonly nexts: Int32Array,
    /** Whether the text has syntax errors, missing tokens among them. */
    readonly hasError: boolean,
  ) {}

  /**
   * Copies a subtree into growing arrays, as the child of node 0 there.
   * @param at index of the copy's root
   * @param offset what to add to all positions
   * @returns number of nodes copied
   */
  copySubtree(node: number, into: TreeArrays, at: number, offset: number): number {
    const end = this.subtreeEnd(node);
    into.kinds.set(this.kinds.subarray(node, end), at);
    into.fields.set(this.fields.subarray(node, end), at);
    const shift = at - node;
    for (let n = node; n < end; n += 1) {
      into.starts[n + shift] = this.starts[n]! + offset;
      into.ends[n + shift] = this.ends[n]! + offset;
      into.parents[n + shift] = this.parents[n]! + shift;
      into.nexts[n + shift] = this.nexts[n] === 0 ? 0 : this.nexts[n]! + shift;
    }
    into.parents[at] = 0;
    into.nexts[at] = 0;
    return end - node;
  }

  kind(node: number): Kind {
    return this.kinds[node]!;
  }
  field(node: number): Field {
    return this.fields[node]!;
  }
  /** Offset in UTF-16 code units. */
  start(node: number): number {
    return this.starts[node]!;
  }
  /** Offset in UTF-16 code units, exclusive. */
  end(node: number): number {
    return this.ends[node]!;
  }
  /** The parent's index, -1 for the module. */
  parent(node: number): number {
    return this.parents[node]!;
  }
  /** The first child's index, 0 when there is none. */
  firstChild(node: number): number {
    const child = node + 1;
    return child < this.count && this.parents[child] === node ? child : 0;
  }
  /** The next sibling's index, 0 when there is none. */
  next(node: number): number {
    return this.nexts[node]!;
  }
  /** The first child with this field name, 0 when there is none. */
  child(node: number, field: Field): number {
    for (let c = this.firstChild(node); c !== 0; c = this.nexts[c]!) if (this.fields[c] === field) return c;
    return 0;
  }
  /** The children without comments and line continuations. */
  children(node: number): number[] {
    const list: number[] = [];
    for (let c = this.firstChild(node); c !== 0; c = this.nexts[c]!) {
      const kind = this.kinds[c];
      if (kind !== Kind.Comment && kind !== Kind.LineContinuation) list.push(c);
    }
    return list;
  }
  /** The children of the child with this field name; none when there is no such child. */
  childrenOf(node: number, field: Field): number[] {
    const child = this.child(node, field);
    return child === 0 ? [] : this.children(child);
  }
  source(node: number): string {
    return this.text.slice(this.starts[node]!, this.ends[node]!);
  }
  /** First node that lies behind the whole subtree of `node`. */
  subtreeEnd(node: number): number {
    let n = node;
    while (n >= 0) {
      const next = this.nexts[n]!;
      if (next !== 0) return next;
      n = this.parents[n]!;
    }
    return this.count;
  }
  /** The innermost node that covers the range. */
  enclosing(start: number, end: number): number {
    let node = 0;
    for (let c = this.firstChild(node); c !== 0; ) {
      if (this.starts[c]! <= start && this.ends[c]! >= end) {
        node = c;
        c = this.firstChild(c);
      } else c = this.nexts[c]!;
    }
    return node;
  }
}
