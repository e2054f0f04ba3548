// Turns a parser's tree into a CompactTree in one pass of its cursor. Both parsers offer the same cursor,
// and each call into one costs about as much as all the work done here, so calls are spared wherever the
// kind of node or the text already tells the answer.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { CompactTree, type TreeArrays } from "./compactTree.ts";
import {
  endsWithChild,
  endsWithLine,
  firstField,
  fixedLength,
  hasNoFields,
  isBracketed,
  isExtra,
  isLeaf,
  isNamed,
  isSimple,
  lastField,
  laterField,
  opensWithToken,
  separator,
  startsWithChild,
} from "./nodeShapes.ts";
import {
  attributeNameAt,
  codeAt,
  isClosing,
  isInterpolated,
  isLineEnd,
  isOpenParenthesis,
  nameEnd,
  plainStringEnd,
} from "./spelling.ts";
import { type TreeBefore, UntouchedStatements } from "./untouchedStatements.ts";

/** The part of tree-sitter's cursor that both bindings share. */
export interface Cursor {
  readonly nodeTypeId: number;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly currentFieldId: number | undefined;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

const unknown = 0xffffffff;

function emptyArrays(capacity: number): TreeArrays {
  return {
    kinds: new Uint16Array(capacity),
    fields: new Uint8Array(capacity),
    starts: new Uint32Array(capacity),
    ends: new Uint32Array(capacity),
    parents: new Int32Array(capacity),
    nexts: new Int32Array(capacity),
  };
}

/** Scratch arrays that grow to the largest file seen; a tree is copied out of them at its true size. */
export class CursorReader {
  private capacity = 1 << 14;
  private arrays = emptyArrays(this.capacity);
  private text = "";
  /** Whether every span has to be asked for, and nothing taken from the text. */
  private exactSpans = false;

  private growTo(needed: number): void {
    if (needed <= this.capacity) return;
    while (this.capacity < needed) this.capacity *= 2;
    const grown = emptyArrays(this.capacity);
    grown.kinds.set(this.arrays.kinds);
    grown.fields.set(this.arrays.fields);
    grown.starts.set(this.arrays.starts);
    grown.ends.set(this.arrays.ends);
    grown.parents.set(this.arrays.parents);
    grown.nexts.set(this.arrays.nexts);
    this.arrays = grown;
  }

  /**
   * Reads the whole tree under the cursor, which must stand on the root node.
   * @param hasError whether the tree holds errors; then all is asked for, as missing tokens have no text
   * @param before the tree before an edit, whose untouched top-level statements are copied instead of read
   */
  read(cursor: Cursor, text: string, hasError: boolean, before?: TreeBefore): CompactTree {
    this.exactSpans = hasError;
    this.text = text;
    const known = before === undefined ? undefined : new UntouchedStatements(before);
    let count = 0;
    let parent = -1;
    let previous = 0;
    let kind = cursor.nodeTypeId;
    for (;;) {
      const copied = parent === 0 ? known?.find(kind, cursor) : undefined;
      if (copied !== undefined) {
        this.growTo(count + copied.size);
        if (previous !== 0) this.arrays.nexts[previous] = count;
        previous = count;
        count += copied.copyInto(this.arrays, count);
      } else if (isNamed[kind] === 1) {
        const node = count;
        count += 1;
        const start = this.startBehind(parent, previous);
        this.add(node, kind, this.fieldOf(cursor, kind, parent, previous), parent, previous);
        this.enterSpan(cursor, kind, node, previous === 0 ? parent : -1, start);
        previous = node;
        if (this.mayHaveChildren(kind, node) && cursor.gotoFirstChild()) {
          parent = node;
          previous = 0;
          if (opensWithToken[kind] === 1 && !this.exactSpans) cursor.gotoNextSibling();
          kind = cursor.nodeTypeId;
          continue;
        }
        this.leaveSpan(cursor, kind, node, 0);
      }
      for (;;) {
        if (this.addByText(count, parent, previous)) {
          previous = count;
          count += 1;
        }
        if (!this.isLastChild(parent, previous) && this.gotoNext(cursor, parent, previous)) break;
        if (parent < 0 || !cursor.gotoParent()) return this.copyOut(count);
        const above = this.arrays.kinds[parent]!;
        this.leaveSpan(cursor, above, parent, previous);
        previous = parent;
        parent = this.arrays.parents[parent]!;
        if (parent < 0) return this.copyOut(count);
      }
      kind = cursor.nodeTypeId;
    }
  }

  /** Adds a node without its span. */
  private add(node: number, kind: number, field: number, parent: number, previous: number): void {
    if (node === this.capacity) this.growTo(node + 1);
    const { kinds, parents, nexts, fields } = this.arrays;
    kinds[node] = kind;
    fields[node] = field;
    parents[node] = parent;
    nexts[node] = 0;
    if (previous !== 0) nexts[previous] = node;
  }

  /** Adds the last child of an attribute or a call when the text tells all of it: `.name` and `()`. */
  private addByText(node: number, parent: number, previous: number): boolean {
    if (parent < 0 || previous === 0 || this.exactSpans) return false;
    const { kinds, fields, ends } = this.arrays;
    const above = kinds[parent]!;
    if (above !== Kind.Attribute && above !== Kind.Call) return false;
    if (fields[previous] !== firstField[above]) return false;
    const behind = ends[previous]!;
    if (above === Kind.Attribute) {
      const start = attributeNameAt(this.text, behind);
      const end = start < 0 ? -1 : nameEnd(this.text, start);
      if (end < 0) return false;
      this.add(node, Kind.Identifier, Field.Attribute, parent, previous);
      this.arrays.starts[node] = start;
      this.arrays.ends[node] = end;
      return true;
    }
    if (!isOpenParenthesis(this.text, behind) || !isClosing(this.text, behind + 1)) return false;
    this.add(node, Kind.ArgumentList, Field.Arguments, parent, previous);
    this.arrays.starts[node] = behind;
    this.arrays.ends[node] = behind + 2;
    return true;
  }

  /** Whether nothing can follow this child, which spares asking for it. */
  private isLastChild(parent: number, child: number): boolean {
    if (parent < 0 || child === 0 || this.exactSpans) return false;
    const above = this.arrays.kinds[parent]!;
    if (lastField[above] !== 0 && this.arrays.fields[child] === lastField[above]) return true;
    const behind = this.arrays.ends[child]!;
    if (isBracketed[above] === 1) return isClosing(this.text, behind);
    return isSimple[above] === 1 && isLineEnd(this.text, behind);
  }

  /** Goes to the next sibling, and past a separator, which is no node of ours. */
  private gotoNext(cursor: Cursor, parent: number, previous: number): boolean {
    return (
      cursor.gotoNextSibling() && (this.separatorBehind(parent, previous) < 0 || cursor.gotoNextSibling())
    );
  }

  /** Where the separator stands between a child and the next one; -1 when there is none. */
  private separatorBehind(parent: number, previous: number): number {
    if (parent < 0 || previous === 0 || this.exactSpans) return -1;
    const { kinds, ends } = this.arrays;
    const character = separator[kinds[parent]!]!;
    if (character === 0) return -1;
    const at = codeAt(this.text, ends[previous]!);
    return at >= 0 && this.text.charCodeAt(at) === character ? at : -1;
  }

  private fieldOf(cursor: Cursor, kind: number, parent: number, previous: number): number {
    if (parent < 0) return Field.None;
    const above = this.arrays.kinds[parent]!;
    if (hasNoFields[above] === 1) return Field.None;
    const told = previous === 0 ? firstField[above]! : laterField[above]!;
    return told === 0 || isExtra[kind] === 1 ? (cursor.currentFieldId ?? 0) : told;
  }

  /** Where the next child begins, if the text behind the previous one or the parent's beginning tells; else -1. */
  private startBehind(parent: number, previous: number): number {
    if (parent < 0 || this.exactSpans) return -1;
    const { kinds, starts, ends } = this.arrays;
    const above = kinds[parent]!;
    if (previous === 0) {
      const start = starts[parent]!;
      if (startsWithChild[above] === 1) return start === unknown ? -1 : start;
      return isBracketed[above] === 1 ? codeAt(this.text, start + 1) : -1;
    }
    if (above === Kind.Call) {
      const behind = ends[previous]!;
      return isOpenParenthesis(this.text, behind) ? behind : -1;
    }
    const at = this.separatorBehind(parent, previous);
    return at < 0 ? -1 : codeAt(this.text, at + 1);
  }

  /**
   * @param opened the parent whose first child this is, or -1
   * @param told where it begins, if that is known, or -1
   */
  private enterSpan(cursor: Cursor, kind: number, node: number, opened: number, told: number): void {
    const { starts, ends, parents } = this.arrays;
    if (this.exactSpans) {
      starts[node] = cursor.startIndex;
      ends[node] = cursor.endIndex;
      return;
    }
    const begins = told < 0 && startsWithChild[kind] === 0 ? cursor.startIndex : told;
    starts[node] = begins < 0 ? unknown : begins;
    if (begins >= 0) {
      for (let n = opened; n >= 0 && starts[n] === unknown; n = parents[n]!) starts[n] = begins;
    }
    if (isBracketed[kind] === 1) ends[node] = this.emptyEnd(begins);
    else if (startsWithChild[kind] === 1 || endsWithChild[kind] === 1 || endsWithLine[kind] === 1)
      ends[node] = 0;
    else ends[node] = this.endOf(cursor, kind, begins);
  }

  /** The end of an empty pair of brackets; 0 for others, which end behind what is in them. */
  private emptyEnd(start: number): number {
    return isClosing(this.text, start + 1) ? start + 2 : 0;
  }

  private endOf(cursor: Cursor, kind: number, start: number): number {
    if (fixedLength[kind] !== 0) return start + fixedLength[kind]!;
    let end = -1;
    if (kind === Kind.Identifier) end = nameEnd(this.text, start);
    else if (kind === Kind.String && !isInterpolated(this.text, start))
      end = plainStringEnd(this.text, start);
    return end < 0 ? cursor.endIndex : end;
  }

  /** Called with the cursor on a node behind the last of its children: some take their span from them. */
  private leaveSpan(cursor: Cursor, kind: number, node: number, lastChild: number): void {
    const { starts, ends } = this.arrays;
    if (starts[node] === unknown) starts[node] = cursor.startIndex;
    if (ends[node] !== 0) return;
    const behind = lastChild === 0 ? 0 : ends[lastChild]!;
    if (lastChild !== 0 && endsWithChild[kind] === 1) ends[node] = behind;
    else if (lastChild !== 0 && endsWithLine[kind] === 1 && isLineEnd(this.text, behind)) ends[node] = behind;
    else if (lastChild !== 0 && isBracketed[kind] === 1 && isClosing(this.text, behind))
      ends[node] = behind + 1;
    else ends[node] = cursor.endIndex;
  }

  private mayHaveChildren(kind: number, node: number): boolean {
    if (isLeaf[kind] === 1) return false;
    if (kind === Kind.String) return isInterpolated(this.text, this.arrays.starts[node]!);
    return this.exactSpans || isBracketed[kind] === 0 || this.arrays.ends[node] === 0;
  }

  private copyOut(n: number): CompactTree {
    const { kinds, fields, starts, ends, parents, nexts } = this.arrays;
    const { text } = this;
    this.text = "";
    return new CompactTree(
      text,
      n,
      kinds.slice(0, n),
      fields.slice(0, n),
      starts.slice(0, n),
      ends.slice(0, n),
      parents.slice(0, n),
      nexts.slice(0, n),
      this.exactSpans,
    );
  }
}
