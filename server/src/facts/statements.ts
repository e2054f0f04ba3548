// Reads statements in order, keeping track of the locks held, the tests passed and the loops entered.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { readAssignment, readAugmented } from "./assignments.ts";
import { BranchReader, exits } from "./branches.ts";
import type { Collector } from "./collect.ts";
import { readImport } from "./imports.ts";
import { enterWithItems, lockAfterStatement } from "./lockStatements.ts";

const deepestBlock = 90;

export class StatementReader {
  private readonly branches: BranchReader;
  private blockDepth = 0;
  private readonly generators = new Set<number>();
  private readonly returned = new Map<number, number[]>();

  constructor(readonly collector: Collector) {
    this.branches = new BranchReader(collector, this);
  }

  takeGeneratorFlag(fn: number): boolean {
    return this.generators.delete(fn);
  }
  takeReturns(fn: number): number[] {
    const list = this.returned.get(fn) ?? [];
    this.returned.delete(fn);
    return list;
  }

  /** Reads the statements of a block; what one statement decides (early exits, acquire) holds for the next. */
  block(node: number): void {
    const before = this.collector.record.context;
    this.runThrough(node);
    this.collector.record.context = before;
  }

  /** Reads a block and stays in the context at its end. */
  private runThrough(node: number): void {
    const { tree } = this.collector;
    if (this.blockDepth > deepestBlock || (node === 0 && this.blockDepth > 0)) return;
    this.blockDepth += 1;
    for (let c = tree.firstChild(node); c !== 0; c = tree.next(c)) this.statement(c);
    this.blockDepth -= 1;
  }

  /** Leaves `with` or `try` for the context `before`, taking along what early exits inside have decided. */
  private leaveTo(before: number): void {
    const { record } = this.collector;
    const decided: number[] = [];
    for (let at = record.context; at !== before && at !== 0; at = record.contexts[at]!.parent) {
      const { kind } = record.contexts[at]!;
      if (kind === "test" || kind === "handler") decided.push(at);
    }
    record.context = before;
    record.reenter(decided.reverse());
  }

  statement(node: number): void {
    const { tree, record, expressions } = this.collector;
    record.statementStart = tree.start(node);
    record.statementEnd = tree.end(node);
    record.statement += 1;
    switch (tree.kind(node)) {
      case Kind.ExpressionStatement:
        this.expressionStatement(node);
        return;
      case Kind.FunctionDefinition:
        this.collector.functionDefinition(node, []);
        return;
      case Kind.ClassDefinition:
        this.collector.classDefinition(node, []);
        return;
      case Kind.DecoratedDefinition:
        this.decorated(node);
        return;
      case Kind.IfStatement:
        this.branches.ifStatement(node);
        return;
      case Kind.WhileStatement:
        this.branches.whileStatement(node);
        return;
      case Kind.ForStatement:
        this.branches.forStatement(node);
        return;
      case Kind.TryStatement:
        this.tryStatement(node);
        return;
      case Kind.WithStatement: {
        const before = record.context;
        enterWithItems(this.collector, node);
        this.runThrough(tree.child(node, Field.Body));
        this.leaveTo(before);
        return;
      }
      case Kind.ReturnStatement:
        this.returnStatement(node);
        return;
      case Kind.DeleteStatement:
        for (const target of tree.children(node)) this.remove(target);
        return;
      case Kind.ImportStatement:
      case Kind.ImportFromStatement:
      case Kind.FutureImportStatement:
        readImport(this.collector, node);
        return;
      case Kind.MatchStatement:
        this.matchStatement(node);
        return;
      case Kind.GlobalStatement:
      case Kind.NonlocalStatement:
      case Kind.PassStatement:
      case Kind.Comment:
        return;
      case Kind.Block:
      case Kind.Error:
        // Half-typed code: what still has the shape of statements is read, the rest is left alone.
        for (const child of tree.children(node)) if (isStatement(tree.kind(child))) this.statement(child);
        return;
      case Kind.AssertStatement:
        if (/\b(_is_owned|locked)\(\)/.test(tree.source(node))) this.collector.noteCallerHolds();
        this.assertion(tree.children(node)[0] ?? 0);
        return;
      default:
        expressions.visit(node);
    }
  }

  /** What follows an assertion has passed its test. */
  private assertion(condition: number): void {
    const { record, expressions } = this.collector;
    const from = record.accesses.length;
    expressions.visit(condition);
    expressions.enterTest(from, condition);
  }

  private expressionStatement(node: number): void {
    const { tree, expressions, record } = this.collector;
    for (const child of tree.children(node)) {
      switch (tree.kind(child)) {
        case Kind.Assignment:
          readAssignment(this.collector, child);
          break;
        case Kind.AugmentedAssignment:
          readAugmented(this.collector, child);
          break;
        case Kind.String:
          break;
        default:
          expressions.visit(child);
          if (tree.kind(child) === Kind.Call) record.discardResult(tree.start(child), tree.end(child));
          this.noteYield(child);
      }
    }
    lockAfterStatement(this.collector, node);
  }

  /** Marks the function a generator when the statement yields; nested functions mark themselves. */
  noteYield(node: number): void {
    const { tree, record } = this.collector;
    if (tree.kind(node) === Kind.Yield) this.generators.add(record.frame.fn);
  }

  private decorated(node: number): void {
    const { tree, expressions, record } = this.collector;
    const places: number[] = [];
    for (const child of tree.children(node)) {
      if (tree.kind(child) !== Kind.Decorator) continue;
      const expression = tree.children(child)[0];
      if (expression === undefined) continue;
      expressions.visit(expression);
      const callee =
        tree.kind(expression) === Kind.Call ? tree.child(expression, Field.Function) : expression;
      places.push(expressions.place(callee));
    }
    record.statementStart = tree.start(node);
    const definition = tree.child(node, Field.Definition) || tree.children(node).at(-1) || 0;
    if (tree.kind(definition) === Kind.ClassDefinition) this.collector.classDefinition(definition, places);
    else if (tree.kind(definition) === Kind.FunctionDefinition) {
      this.collector.functionDefinition(definition, places);
    }
  }

  /** A loop or `with … as` target: names lose what was known of them, paths are rebound. */
  target(node: number): void {
    const { tree, record, expressions } = this.collector;
    if (tree.kind(node) === Kind.Identifier) {
      const name = tree.source(node);
      record.frame.aliases.delete(name);
      record.frame.derived.delete(name);
      const place = expressions.namePlace(name);
      if (place >= 0) record.access(place, "rebind", tree.start(node), tree.end(node), "element");
      return;
    }
    if (tree.kind(node) === Kind.Attribute) {
      record.access(expressions.place(node), "rebind", tree.start(node), tree.end(node), "element");
      return;
    }
    if (tree.kind(node) === Kind.Subscript) {
      expressions.visitSubscript(node, "item-store");
      return;
    }
    for (const child of tree.children(node)) this.target(child);
  }

  private tryStatement(node: number): void {
    const { tree, record } = this.collector;
    const before = record.context;
    const clauses = tree.children(node).filter((c) => tree.kind(c) === Kind.ExceptClause);
    const caught = clauses.map((c) => exceptionNames(tree.source(c)));
    const from = record.accesses.length;
    if (clauses.length > 0) record.enter("caught", tree.start(node), { detail: caught.join(",") });
    const body = tree.child(node, Field.Body);
    this.runThrough(body);
    const to = record.accesses.length;
    this.leaveTo(before);
    const decided = record.context;
    record.context = before;
    let handlersExit = clauses.length > 0;
    clauses.forEach((clause, i) => {
      record.enter("handler", tree.start(clause), { from, to, detail: caught[i]! });
      const parts = tree.children(clause);
      const block = parts.find((c) => tree.kind(c) === Kind.Block) ?? 0;
      this.block(block);
      handlersExit &&= exits(tree, block);
      record.context = before;
    });
    for (const part of tree.children(node)) {
      if (tree.kind(part) === Kind.ElseClause) {
        record.context = decided;
        this.block(tree.child(part, Field.Body));
        record.context = before;
      }
      if (tree.kind(part) !== Kind.FinallyClause) continue;
      const block = tree.children(part).find((c) => tree.kind(c) === Kind.Block) ?? 0;
      record.enter("finally", tree.start(node));
      this.block(block);
      record.context = before;
    }
    record.context = decided;
    // After `try: return d[k]` the code below runs only when the lookup failed.
    if (exits(tree, body) && clauses.length > 0 && !handlersExit) {
      record.enter("handler", tree.end(body), { from, to, detail: caught.join(",") });
    }
    lockAfterStatement(this.collector, node);
  }

  private returnStatement(node: number): void {
    const { tree, record, expressions } = this.collector;
    for (const value of tree.children(node)) {
      if (tree.kind(value) === Kind.Identifier) {
        const place = expressions.namePlace(tree.source(value));
        if (place >= 0) {
          const list = this.returned.get(record.frame.fn) ?? [];
          list.push(place);
          this.returned.set(record.frame.fn, list);
        }
      }
      expressions.escape(value);
    }
  }

  private remove(node: number): void {
    const { tree, record, expressions } = this.collector;
    switch (tree.kind(node)) {
      case Kind.Subscript:
        expressions.visitSubscript(node, "item-delete");
        return;
      case Kind.Identifier:
      case Kind.Attribute:
        record.access(expressions.place(node), "delete", tree.start(node), tree.end(node));
        return;
      default:
        for (const child of tree.children(node)) this.remove(child);
    }
  }

  private matchStatement(node: number): void {
    const { tree, record, expressions } = this.collector;
    const from = record.accesses.length;
    const subject = tree.child(node, Field.Subject);
    expressions.visit(subject);
    const before = record.context;
    expressions.enterTest(from, subject);
    const decided = record.context;
    for (const clause of tree.childrenOf(node, Field.Body)) {
      if (tree.kind(clause) === Kind.CaseClause) this.block(tree.child(clause, Field.Consequence));
      record.context = decided;
    }
    record.context = before;
  }
}

function isStatement(kind: Kind): boolean {
  return (kind >= Kind.ImportStatement && kind <= Kind.ClassDefinition) || kind === Kind.DecoratedDefinition;
}

/** The exception names of an except clause's head; `BaseException` for a bare one. */
function exceptionNames(clause: string): string {
  const head = clause.slice(6, clause.indexOf(":")).replace(/\bas\b.*/s, "");
  return head.match(/\w+/g)?.join(",") ?? "BaseException";
}
