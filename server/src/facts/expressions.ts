// Reads expressions: which shared places they touch, and how.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { CallReader, calleeTail } from "./calls.ts";
import type { Recorder } from "./recorder.ts";
import { resolveName, type Scopes } from "./scopes.ts";
import { compatibilityViews, lazyViews } from "./views.ts";

/** Deeper nesting than this is generated code; what lies below is left out rather than overflowing the stack. */
const deepest = 400;

/** What the collector of statements offers to expressions: lambdas and comprehensions need it. */
export interface FunctionOpener {
  lambda(node: number): number;
}

/** `self` and `cls` parameters by the scope that binds them. */
export type Receivers = Map<number, { name: string; classIndex: number; root: "self" | "class" }>;

export class ExpressionReader {
  readonly receivers: Receivers = new Map();
  readonly functionOfScope = new Map<number, number>([[0, 0]]);
  readonly classOfScope = new Map<number, number>();
  readonly calls: CallReader;
  /** The scope that names are resolved from; differs from the frame's inside class bodies and comprehensions. */
  scope = 0;
  private depth = 0;

  constructor(
    readonly tree: CompactTree,
    readonly scopes: Scopes,
    readonly record: Recorder,
    readonly opener: FunctionOpener,
  ) {
    this.calls = new CallReader(this);
  }

  /** The access path an expression denotes, or -1. Records nothing. */
  place(node: number): number {
    if (!this.descend()) return -1;
    const place = this.findPlace(node);
    this.ascend();
    return place;
  }

  /** Goes one level deeper into nested code; false when that is deep enough. Each success needs an `ascend`. */
  descend(): boolean {
    if (this.depth > deepest) return false;
    this.depth += 1;
    return true;
  }
  ascend(): void {
    this.depth -= 1;
  }

  private findPlace(node: number): number {
    const { tree, record } = this;
    switch (tree.kind(node)) {
      case Kind.Identifier:
        return this.namePlace(tree.source(node));
      case Kind.Attribute: {
        const attribute = tree.child(node, Field.Attribute);
        const base = this.place(tree.child(node, Field.Object));
        if (base < 0 || attribute === 0) return -1;
        const name = tree.source(attribute);
        const known = record.places[base]!;
        if (name === "__class__" && known.root === "self" && known.path.length === 0) {
          return record.place("class", known.owner, "");
        }
        return record.attribute(base, name);
      }
      case Kind.ParenthesizedExpression: {
        const inner = tree.children(node)[0];
        return inner === undefined ? -1 : this.place(inner);
      }
      case Kind.Subscript: {
        const base = this.place(tree.child(node, Field.Value));
        return base < 0 ? -1 : record.attribute(base, "[]");
      }
      case Kind.Await: {
        const inner = tree.children(node)[0];
        return inner === undefined ? -1 : this.place(inner);
      }
      case Kind.Call:
        return this.callPlace(node);
      default:
        return -1;
    }
  }

  private callPlace(node: number): number {
    const callee = this.tree.child(node, Field.Function);
    if (this.tree.kind(callee) === Kind.Identifier) {
      const name = this.tree.source(callee);
      const args = this.tree.childrenOf(node, Field.Arguments);
      if (name === "super") return this.superPlace();
      if (name === "type" && args.length === 1) {
        const of = this.place(args[0]!);
        const known = of < 0 ? undefined : this.record.places[of]!;
        if (known?.root === "self" && known.path.length === 0)
          return this.record.place("class", known.owner, "");
      }
    }
    const place = this.place(callee);
    return place < 0 ? -1 : this.record.place("call", place, "");
  }

  private superPlace(): number {
    const { classIndex } = this.record.frame;
    return classIndex < 0 ? -1 : this.record.place("super", classIndex, "");
  }

  namePlace(name: string): number {
    const { record } = this;
    const found = resolveName(this.scopes, this.scope, name);
    if (found.kind === "global") return record.place("global", 0, name);
    if (found.kind === "class") {
      const owner = this.classOfScope.get(found.scope);
      return owner === undefined ? -1 : record.attribute(record.place("class", owner, ""), name);
    }
    const receiver = this.receivers.get(found.scope);
    if (receiver?.name === name) return record.place(receiver.root, receiver.classIndex, "");
    const owner = this.functionOfScope.get(found.scope) ?? record.frame.fn;
    if (owner === record.frame.fn) {
      const alias = record.frame.aliases.get(name);
      if (alias !== undefined) return alias;
    }
    return record.place("local", owner, name);
  }

  /** Records everything that evaluating the expression reads, calls and iterates. */
  visit(node: number): void {
    if (node === 0 || !this.descend()) return;
    this.visitKind(node);
    this.ascend();
  }

  private visitKind(node: number): void {
    const { tree, record } = this;
    switch (tree.kind(node)) {
      case Kind.Identifier:
        this.readName(node);
        return;
      case Kind.Attribute: {
        const place = this.place(node);
        if (place >= 0) record.access(place, "read", tree.start(node), tree.end(node));
        this.visitBase(tree.child(node, Field.Object));
        return;
      }
      case Kind.Subscript:
        this.visitSubscript(node, "item-read");
        return;
      case Kind.Call:
        this.calls.visit(node, false);
        return;
      case Kind.Lambda:
        this.opener.lambda(node);
        return;
      case Kind.ListComprehension:
      case Kind.SetComprehension:
      case Kind.DictionaryComprehension:
      case Kind.GeneratorExpression:
        this.visitComprehension(node);
        return;
      case Kind.BooleanOperator:
        this.visitBoolean(node);
        return;
      case Kind.ConditionalExpression:
        this.visitConditional(node);
        return;
      case Kind.ComparisonOperator:
        this.visitComparison(node);
        return;
      case Kind.NamedExpression:
        this.visit(tree.child(node, Field.Value));
        return;
      case Kind.KeywordArgument:
      case Kind.Pair:
        if (tree.kind(node) === Kind.Pair) this.visit(tree.child(node, Field.Key));
        this.visit(tree.child(node, Field.Value));
        return;
      case Kind.ListSplat:
        for (const inner of tree.children(node)) this.iterate(inner, this.spreadInto(node));
        return;
      case Kind.DictionarySplat:
        for (const inner of tree.children(node)) this.iterate(inner, "**");
        return;
      case Kind.Type:
        return; // annotations run nothing that matters here
      case Kind.Yield:
        for (const inner of tree.children(node)) this.escape(inner);
        record.suspend("yield", tree.start(node), tree.end(node));
        return;
      case Kind.Await:
        for (const inner of tree.children(node)) this.visit(inner);
        record.suspend("await", tree.start(node), tree.end(node));
        return;
      case Kind.String:
      case Kind.Comment:
        if (tree.firstChild(node) === 0) return;
    }
    for (let c = tree.firstChild(node); c !== 0; c = tree.next(c)) this.visit(c);
  }

  /** `f(*d)` goes through `d` element by element, while displays and longer calls copy it first. */
  private spreadInto(splat: number): string {
    const parent = this.tree.parent(splat);
    if (this.tree.kind(parent) === Kind.Set) return "set";
    return this.tree.kind(parent) === Kind.ArgumentList && this.tree.children(parent).length === 1
      ? "*"
      : "list";
  }

  private readName(node: number): void {
    const { tree, record } = this;
    const place = this.namePlace(tree.source(node));
    if (place >= 0) record.access(place, "read", tree.start(node), tree.end(node));
  }

  /** Visits what stands left of a dot or a bracket when that is more than a plain access path. */
  visitBase(node: number): void {
    const { tree } = this;
    let at = node;
    while (tree.kind(at) === Kind.Attribute) at = tree.child(at, Field.Object);
    if (tree.kind(at) !== Kind.Identifier) this.visit(at);
  }

  visitSubscript(
    node: number,
    op: "item-read" | "item-store" | "item-augment" | "item-delete",
    stored = "",
  ): number {
    const { tree, record } = this;
    const value = tree.child(node, Field.Value);
    const place = this.place(value);
    const key = tree.child(node, Field.Subscript);
    this.visitBase(value);
    for (let c = key; c !== 0; c = tree.next(c)) this.visit(c);
    return record.access(
      place,
      op,
      tree.start(node),
      tree.end(node),
      stored,
      key === 0 ? "" : tree.source(key),
    );
  }

  /** Records that the expression is iterated by a loop or by a consuming call. */
  iterate(node: number, consumer: string): void {
    const { tree, record } = this;
    const start = tree.start(node);
    const end = tree.end(node);
    const place = this.place(node);
    if (place >= 0 && tree.kind(node) !== Kind.Call) {
      record.access(place, "iterate", start, end, consumer);
      this.visitBase(node);
      return;
    }
    if (tree.kind(node) === Kind.Call) {
      const callee = tree.child(node, Field.Function);
      const args = tree.childrenOf(node, Field.Arguments);
      if (tree.kind(callee) === Kind.Attribute && args.length === 0) {
        const view = tree.source(tree.child(callee, Field.Attribute));
        if (view === "items" || view === "keys" || view === "values") {
          const of = this.place(tree.child(callee, Field.Object));
          record.access(of, "iterate", start, end, consumer, view);
          this.visitBase(tree.child(callee, Field.Object));
          return;
        }
      }
      const view = compatibilityViews.get(calleeTail(tree.source(callee)));
      if (view !== undefined && args.length === 1) {
        const of = this.place(args[0]!);
        record.access(of, "iterate", start, end, consumer, view);
        this.visitBase(args[0]!);
        return;
      }
      if (tree.kind(callee) === Kind.Identifier && lazyViews.has(tree.source(callee))) {
        for (const inner of args) this.iterate(inner, tree.source(callee));
        return;
      }
    }
    this.visit(node);
  }

  escape(node: number): void {
    const place = this.place(node);
    if (place >= 0 && this.tree.kind(node) !== Kind.Call) {
      this.record.access(place, "escape", this.tree.start(node), this.tree.end(node));
    }
    this.visit(node);
  }

  private visitComprehension(node: number): void {
    const { tree, record } = this;
    const outer = this.scope;
    const before = record.context;
    this.scope = this.scopes.opened.get(node) ?? outer;
    this.functionOfScope.set(this.scope, record.frame.fn);
    let body = 0;
    for (const child of tree.children(node)) {
      if (tree.kind(child) === Kind.ForInClause) {
        const right = tree.child(child, Field.Right);
        if (tree.kind(node) === Kind.GeneratorExpression) this.iterate(right, "generator");
        else this.iterate(right, "comprehension");
        record.enter("loop", tree.start(child));
      } else if (tree.kind(child) === Kind.IfClause) {
        const from = record.accesses.length;
        this.visit(child);
        this.enterTest(from, child);
      } else body = child;
    }
    this.visit(body);
    record.context = before;
    this.scope = outer;
  }

  private visitBoolean(node: number): void {
    const { tree, record } = this;
    const from = record.accesses.length;
    const left = tree.child(node, Field.Left);
    this.visit(left);
    const before = record.context;
    const isOr = /\bor\b/.test(tree.text.slice(tree.end(left), tree.start(tree.child(node, Field.Right))));
    this.enterTest(from, left, !isOr);
    this.visit(tree.child(node, Field.Right));
    record.context = before;
  }

  private visitConditional(node: number): void {
    const { tree, record } = this;
    const [body, condition, otherwise] = tree.children(node);
    if (body === undefined || condition === undefined || otherwise === undefined) return;
    const from = record.accesses.length;
    this.visit(condition);
    const before = record.context;
    this.enterTest(from, condition);
    this.visit(body);
    record.context = before;
    this.enterTest(from, condition, false);
    this.visit(otherwise);
    record.context = before;
  }

  private visitComparison(node: number): void {
    const { tree, record } = this;
    const operands = tree.children(node);
    operands.forEach((operand, i) => {
      const previous = operands[i - 1];
      const operator = previous === undefined ? "" : tree.text.slice(tree.end(previous), tree.start(operand));
      const place = /\bin\b/.test(operator) ? this.place(operand) : -1;
      if (place >= 0 && tree.kind(operand) !== Kind.Call) {
        record.access(
          place,
          "contains",
          tree.start(operand),
          tree.end(operand),
          /\bnot\b/.test(operator) ? "not in" : "in",
          previous ? tree.source(previous) : "",
        );
        this.visitBase(operand);
      } else this.visit(operand);
    });
  }

  /** Enters the context that a condition decides; the accesses since `from` are what was tested. */
  enterTest(from: number, condition: number, holds = true, repeats = false): number {
    const { record, tree } = this;
    return record.enter("test", tree.start(condition), {
      from,
      to: record.accesses.length,
      derived: this.derivedIn(condition),
      detail: tree.source(condition).slice(0, 200),
      holds,
      repeats,
    });
  }

  /** Accesses whose values reach the condition through local variables. */
  derivedIn(condition: number): number[] {
    const { tree, record } = this;
    const { derived } = record.frame;
    if (derived.size === 0) return [];
    const found: number[] = [];
    const end = tree.subtreeEnd(condition);
    for (let n = condition; n < end; n += 1) {
      if (tree.kind(n) !== Kind.Identifier || tree.field(n) === Field.Attribute) continue;
      const access = derived.get(tree.source(n));
      if (access !== undefined) found.push(access);
    }
    return found;
  }
}
