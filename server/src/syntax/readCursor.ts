// Turns a parser's tree into a CompactTree in one pass of its cursor. Both parsers offer the same cursor,
// and each call into one costs about as much as all the work done here, so calls are spared wherever the
// node kind already tells the answer.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { CompactTree } from "./compactTree.ts";

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
  Kind.DecoratedDefinition,
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

/** Scratch arrays that grow to the largest file seen; a tree is copied out of them at its true size. */
export class CursorReader {
  private capacity = 1 << 14;
  private kinds = new Uint16Array(this.capacity);
  private fields = new Uint8Array(this.capacity);
  private starts = new Uint32Array(this.capacity);
  private ends = new Uint32Array(this.capacity);
  private parents = new Int32Array(this.capacity);
  private nexts = new Int32Array(this.capacity);
  private exactSpans = false;

  private grow(): void {
    const grown = this.capacity * 2;
    const copy = <T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.kinds = copy(this.kinds, new Uint16Array(grown));
    this.fields = copy(this.fields, new Uint8Array(grown));
    this.starts = copy(this.starts, new Uint32Array(grown));
    this.ends = copy(this.ends, new Uint32Array(grown));
    this.parents = copy(this.parents, new Int32Array(grown));
    this.nexts = copy(this.nexts, new Int32Array(grown));
    this.capacity = grown;
  }

  /**
   * Reads the whole tree under the cursor, which must stand on the root node.
   * @param hasError whether the tree holds errors; then spans are asked for, as missing tokens have none
   */
  read(cursor: Cursor, text: string, hasError: boolean): CompactTree {
    this.exactSpans = hasError;
    let count = 0;
    let parent = -1;
    let previous = 0;
    let kind = cursor.nodeTypeId;
    for (;;) {
      if (isNamed[kind] === 1) {
        if (count === this.capacity) this.grow();
        const node = count;
        count += 1;
        this.kinds[node] = kind;
        this.parents[node] = parent;
        this.nexts[node] = 0;
        this.fields[node] = this.fieldOf(cursor, kind, parent, previous);
        if (previous !== 0) this.nexts[previous] = node;
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
      while (!cursor.gotoNextSibling()) {
        if (parent < 0 || !cursor.gotoParent()) return this.copyOut(text, count);
        if (startsWithChild[this.kinds[parent]!] === 1) {
          this.leaveSpan(cursor, this.kinds[parent]!, parent, previous);
        }
        previous = parent;
        parent = this.parents[parent]!;
        if (parent < 0) return this.copyOut(text, count);
      }
      kind = cursor.nodeTypeId;
    }
  }

  private fieldOf(cursor: Cursor, kind: number, parent: number, previous: number): number {
    if (parent < 0) return Field.None;
    const above = this.kinds[parent]!;
    if (hasNoFields[above] === 1) return Field.None;
    if (firstField[above] === 0 || isExtra[kind] === 1) return cursor.currentFieldId ?? 0;
    return previous === 0 ? firstField[above]! : laterField[above]!;
  }

  /** @param opened the parent whose first child this is, or -1 */
  private enterSpan(cursor: Cursor, kind: number, node: number, opened: number, text: string): void {
    if (this.exactSpans) {
      this.starts[node] = cursor.startIndex;
      this.ends[node] = cursor.endIndex;
      return;
    }
    if (startsWithChild[kind] === 1) {
      this.starts[node] = unknown;
      this.ends[node] = endsWithChild[kind] === 1 ? 0 : cursor.endIndex;
      return;
    }
    const start = cursor.startIndex;
    this.starts[node] = start;
    for (let n = opened; n >= 0 && this.starts[n] === unknown; n = this.parents[n]!) this.starts[n] = start;
    this.ends[node] =
      fixedLength[kind] === 0
        ? kind === Kind.Identifier
          ? identifierEnd(text, start, cursor)
          : cursor.endIndex
        : start + fixedLength[kind]!;
  }

  /** Called with the cursor on a node that takes its span from its children, after the last of them. */
  private leaveSpan(cursor: Cursor, kind: number, node: number, lastChild: number): void {
    if (this.exactSpans) return;
    if (this.starts[node] === unknown) this.starts[node] = cursor.startIndex;
    if (endsWithChild[kind] === 1)
      this.ends[node] = lastChild === 0 ? cursor.endIndex : this.ends[lastChild]!;
  }

  private mayHaveChildren(kind: number, node: number, text: string): boolean {
    if (isLeaf[kind] === 1) return false;
    return kind !== Kind.String || isInterpolated(text, this.starts[node]!);
  }

  private copyOut(text: string, n: number): CompactTree {
    return new CompactTree(
      text,
      n,
      this.kinds.slice(0, n),
      this.fields.slice(0, n),
      this.starts.slice(0, n),
      this.ends.slice(0, n),
      this.parents.slice(0, n),
      this.nexts.slice(0, n),
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
