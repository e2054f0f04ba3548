// Turns a parser's tree into a CompactTree in one pass of its cursor. Both parsers offer the same cursor,
// and each call into one costs about as much as all the work done here, so calls are spared wherever the
// node kind already tells the answer.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { CompactTree, type TreeArrays } from "./compactTree.ts";
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

const symbolSpace = 65536;

const isNamed = new Uint8Array(symbolSpace);
for (const id of Object.values(Kind)) if (typeof id === "number") isNamed[id] = 1;

const leaves = [
  Kind.Identifier,
  Kind.Integer,
  Kind.Float,
  Kind.True,
  Kind.False,
  Kind.None,
  Kind.Ellipsis,
  Kind.Comment,
  Kind.LineContinuation,
  Kind.PassStatement,
  Kind.BreakStatement,
  Kind.ContinueStatement,
  Kind.StringStart,
  Kind.StringEnd,
  Kind.WildcardImport,
  Kind.ImportPrefix,
];
const isLeaf = new Uint8Array(symbolSpace);
for (const id of leaves) isLeaf[id] = 1;

const fieldless = [
  Kind.Module,
  Kind.Block,
  Kind.ExpressionStatement,
  Kind.ArgumentList,
  Kind.ExpressionList,
  Kind.Tuple,
  Kind.List,
  Kind.Set,
  Kind.Dictionary,
  Kind.PatternList,
  Kind.TuplePattern,
  Kind.ListPattern,
  Kind.Parameters,
  Kind.LambdaParameters,
  Kind.DottedName,
  Kind.ConcatenatedString,
  Kind.String,
  Kind.GlobalStatement,
  Kind.NonlocalStatement,
  Kind.WithClause,
  Kind.ParenthesizedExpression,
  Kind.ReturnStatement,
  Kind.AssertStatement,
];
const hasNoFields = new Uint8Array(symbolSpace);
for (const id of fieldless) hasNoFields[id] = 1;

/** Kinds whose named children always carry the same fields: the first child's, then that of all others. */
const fieldsByPosition: readonly (readonly [Kind, Field, Field])[] = [
  [Kind.Attribute, Field.Object, Field.Attribute],
  [Kind.Call, Field.Function, Field.Arguments],
  [Kind.Pair, Field.Key, Field.Value],
  [Kind.KeywordArgument, Field.Name, Field.Value],
  [Kind.BinaryOperator, Field.Left, Field.Right],
  [Kind.BooleanOperator, Field.Left, Field.Right],
  [Kind.Subscript, Field.Value, Field.Subscript],
  [Kind.AugmentedAssignment, Field.Left, Field.Right],
];
const firstField = new Uint8Array(symbolSpace);
const laterField = new Uint8Array(symbolSpace);
for (const [id, first, later] of fieldsByPosition) {
  firstField[id] = first;
  laterField[id] = later;
}

/** Kinds that begin with their first named child, and kinds that end with their last. */
const startsWithChild = new Uint8Array(symbolSpace);
const endsWithChild = new Uint8Array(symbolSpace);
for (const id of [
  Kind.Attribute,
  Kind.Call,
  Kind.Pair,
  Kind.KeywordArgument,
  Kind.BinaryOperator,
  Kind.BooleanOperator,
  Kind.ComparisonOperator,
  Kind.AugmentedAssignment,
  Kind.Assignment,
  Kind.ExpressionStatement,
  Kind.DottedName,
]) {
  startsWithChild[id] = 1;
  if (id !== Kind.ExpressionStatement) endsWithChild[id] = 1;
}
startsWithChild[Kind.Subscript] = 1;

/** Kinds whose text is a fixed word. */
const fixedLength = new Uint8Array(symbolSpace);
fixedLength[Kind.None] = 4;
fixedLength[Kind.True] = 4;
fixedLength[Kind.False] = 5;

/** What the grammar lets stand anywhere; such a child has no field and is nobody's operand. */
const isExtra = new Uint8Array(symbolSpace);
for (const id of [Kind.Error, Kind.Comment, Kind.LineContinuation]) isExtra[id] = 1;

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
   * @param hasError whether the tree holds errors; then spans are asked for, as missing tokens have none
   * @param before the tree before an edit, whose untouched top-level statements are copied instead of read
   */
  read(cursor: Cursor, text: string, hasError: boolean, before?: TreeBefore): CompactTree {
    this.exactSpans = hasError;
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
        if (count === this.capacity) this.growTo(count + 1);
        const node = count;
        count += 1;
        const { kinds, parents, nexts, fields } = this.arrays;
        kinds[node] = kind;
        parents[node] = parent;
        nexts[node] = 0;
        fields[node] = this.fieldOf(cursor, kind, parent, previous);
        if (previous !== 0) nexts[previous] = node;
        this.enterSpan(cursor, kind, node, previous === 0 ? parent : -1, text);
        previous = node;
        if (this.mayHaveChildren(kind, node, text) && cursor.gotoFirstChild()) {
          parent = node;
          previous = 0;
          kind = cursor.nodeTypeId;
          continue;
        }
        if (startsWithChild[kind] === 1) this.leaveSpan(cursor, kind, node, 0);
      }
      while (this.isLastChild(parent, previous) || !cursor.gotoNextSibling()) {
        if (parent < 0 || !cursor.gotoParent()) return this.copyOut(text, count);
        const above = this.arrays.kinds[parent]!;
        if (startsWithChild[above] === 1) this.leaveSpan(cursor, above, parent, previous);
        previous = parent;
        parent = this.arrays.parents[parent]!;
        if (parent < 0) return this.copyOut(text, count);
      }
      kind = cursor.nodeTypeId;
    }
  }

  /** Whether the grammar lets nothing follow this child, which spares asking for it. */
  private isLastChild(parent: number, child: number): boolean {
    if (parent < 0 || child === 0 || this.exactSpans) return false;
    const above = this.arrays.kinds[parent]!;
    return (
      laterField[above] !== 0 && above !== Kind.Subscript && this.arrays.fields[child] === laterField[above]
    );
  }

  private fieldOf(cursor: Cursor, kind: number, parent: number, previous: number): number {
    if (parent < 0) return Field.None;
    const above = this.arrays.kinds[parent]!;
    if (hasNoFields[above] === 1) return Field.None;
    if (firstField[above] === 0 || isExtra[kind] === 1) return cursor.currentFieldId ?? 0;
    return previous === 0 ? firstField[above]! : laterField[above]!;
  }

  /** @param opened the parent whose first child this is, or -1 */
  private enterSpan(cursor: Cursor, kind: number, node: number, opened: number, text: string): void {
    if (this.exactSpans) {
      this.arrays.starts[node] = cursor.startIndex;
      this.arrays.ends[node] = cursor.endIndex;
      return;
    }
    if (startsWithChild[kind] === 1) {
      this.arrays.starts[node] = unknown;
      this.arrays.ends[node] = endsWithChild[kind] === 1 ? 0 : cursor.endIndex;
      return;
    }
    const start = cursor.startIndex;
    this.arrays.starts[node] = start;
    for (let n = opened; n >= 0 && this.arrays.starts[n] === unknown; n = this.arrays.parents[n]!)
      this.arrays.starts[n] = start;
    this.arrays.ends[node] =
      fixedLength[kind] === 0
        ? kind === Kind.Identifier
          ? identifierEnd(text, start, cursor)
          : cursor.endIndex
        : start + fixedLength[kind]!;
  }

  /** Called with the cursor on a node that takes its span from its children, after the last of them. */
  private leaveSpan(cursor: Cursor, kind: number, node: number, lastChild: number): void {
    if (this.exactSpans) return;
    if (this.arrays.starts[node] === unknown) this.arrays.starts[node] = cursor.startIndex;
    if (endsWithChild[kind] === 1)
      this.arrays.ends[node] = lastChild === 0 ? cursor.endIndex : this.arrays.ends[lastChild]!;
  }

  private mayHaveChildren(kind: number, node: number, text: string): boolean {
    if (isLeaf[kind] === 1) return false;
    return kind !== Kind.String || isInterpolated(text, this.arrays.starts[node]!);
  }

  private copyOut(text: string, n: number): CompactTree {
    return new CompactTree(
      text,
      n,
      this.arrays.kinds.slice(0, n),
      this.arrays.fields.slice(0, n),
      this.arrays.starts.slice(0, n),
      this.arrays.ends.slice(0, n),
      this.arrays.parents.slice(0, n),
      this.arrays.nexts.slice(0, n),
      this.exactSpans,
    );
  }
}

/** Finds the end in the text while it is plain ASCII, and asks the cursor otherwise. */
function identifierEnd(text: string, start: number, cursor: Cursor): number {
  let i = start;
  for (; ; i += 1) {
    const c = text.charCodeAt(i);
    const isWord = (c >= 97 && c <= 122) || c === 95 || (c >= 65 && c <= 90) || (c >= 48 && c <= 57);
    if (!isWord) return i === start || c > 127 ? cursor.endIndex : i;
  }
}

/** Only f-strings and t-strings have expressions inside; other strings are leaves. */
function isInterpolated(text: string, start: number): boolean {
  for (let i = start; i < start + 3; i += 1) {
    const c = text.charCodeAt(i) | 0x20;
    if (c === 0x66 || c === 0x74) return true; // f, t
    if (c !== 0x72 && c !== 0x62 && c !== 0x75) return false; // r, b, u may stand before f
  }
  return false;
}
