// What conditions decide for the statements under and behind them: `if`, and the loops.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { Collector } from "./collect.ts";
import { lockTakenByTest } from "./lockStatements.ts";
import type { StatementReader } from "./statements.ts";

export class BranchReader {
  constructor(
    private readonly collector: Collector,
    private readonly statements: StatementReader,
  ) {}

  ifStatement(node: number): void {
    const { tree, record, expressions } = this.collector;
    const before = record.context;
    const condition = tree.child(node, Field.Condition);
    const from = record.accesses.length;
    if (/\b(_is_owned|locked)\(\)/.test(tree.source(condition))) this.collector.noteCallerHolds();
    if (isMainGuard(tree.source(condition))) {
      record.enter("main", tree.start(node));
      this.statements.block(tree.child(node, Field.Consequence));
      record.context = before;
      return;
    }
    expressions.visit(condition);
    const statement = { start: record.statementStart, end: record.statementEnd };
    const taken = lockTakenByTest(this.collector, condition);
    expressions.enterTest(from, condition);
    if (taken.whenTrue >= 0) record.enter("lock", tree.start(condition), { place: taken.whenTrue });
    const consequence = tree.child(node, Field.Consequence);
    this.statements.block(consequence);
    record.context = before;
    const enterFailed = () => {
      expressions.enterTest(from, condition, false);
      if (taken.whenFalse >= 0) record.enter("lock", tree.start(condition), { place: taken.whenFalse });
    };
    enterFailed();
    const failed = record.context;
    let fallsThrough = false;
    for (let c = tree.firstChild(node); c !== 0; c = tree.next(c)) {
      if (tree.field(c) !== Field.Alternative) continue;
      if (tree.kind(c) === Kind.ElifClause) {
        const clause = tree.child(c, Field.Condition);
        const start = record.accesses.length;
        expressions.visit(clause);
        const here = record.context;
        expressions.enterTest(start, clause);
        this.statements.block(tree.child(c, Field.Consequence));
        record.context = here;
        expressions.enterTest(start, clause, false);
      } else {
        this.statements.block(tree.child(c, Field.Body));
        fallsThrough = true;
      }
    }
    record.context = before;
    record.statementStart = statement.start;
    record.statementEnd = statement.end;
    // What follows an early exit has failed the test.
    if (exits(tree, consequence) && !fallsThrough) record.context = failed;
  }

  whileStatement(node: number): void {
    const { tree, record, expressions } = this.collector;
    const before = record.context;
    const pause = pauseOf(tree, node);
    record.enter("loop", tree.start(node), { detail: pause });
    const condition = tree.child(node, Field.Condition);
    const from = record.accesses.length;
    expressions.visit(condition);
    expressions.enterTest(from, condition, true, true);
    this.statements.block(tree.child(node, Field.Body));
    record.context = before;
    const alternative = tree.child(node, Field.Alternative);
    if (alternative !== 0) this.statements.block(tree.child(alternative, Field.Body));
    // What follows a loop that only waits counts on its condition, as it does behind an early exit.
    else if (pause !== "") expressions.enterTest(from, condition, false);
  }

  forStatement(node: number): void {
    const { tree, record, expressions } = this.collector;
    const before = record.context;
    const left = tree.child(node, Field.Left);
    const right = tree.child(node, Field.Right);
    const from = record.accesses.length;
    expressions.iterate(right, "for");
    if (tree.text.startsWith("async", tree.start(node)))
      record.suspend("await", tree.start(node), tree.end(right));
    this.statements.target(left);
    record.enter("loop", tree.start(node), { from, to: record.accesses.length });
    this.statements.block(tree.child(node, Field.Body));
    record.context = before;
    const alternative = tree.child(node, Field.Alternative);
    if (alternative !== 0) this.statements.block(tree.child(alternative, Field.Body));
  }
}

/** Whether control never runs off the end of the block. */
export function exits(tree: CompactTree, block: number): boolean {
  const last = block === 0 ? undefined : tree.children(block).at(-1);
  if (last === undefined) return false;
  switch (tree.kind(last)) {
    case Kind.ReturnStatement:
    case Kind.RaiseStatement:
    case Kind.ContinueStatement:
    case Kind.BreakStatement:
      return true;
    case Kind.WithStatement:
      return exits(tree, tree.child(last, Field.Body));
    default:
      return false;
  }
}

function isMainGuard(condition: string): boolean {
  return /^\(?\s*__name__\s*==\s*["']__main__["']/.test(condition);
}

/** `while not jobs: time.sleep(0.1)`: `sleeps` with nothing but a pause in the loop, `spins` with not even that. */
function pauseOf(tree: CompactTree, loop: number): "" | "sleeps" | "spins" {
  let pause: "sleeps" | "spins" = "spins";
  for (const statement of tree.childrenOf(loop, Field.Body)) {
    const kind = tree.kind(statement);
    if (kind === Kind.PassStatement || kind === Kind.ContinueStatement) continue;
    if (!/^(([\w.]+\.)?sleep\([^()]*\)|\.\.\.)$/.test(tree.source(statement))) return "";
    if (tree.source(statement) !== "...") pause = "sleeps";
  }
  return pause;
}
