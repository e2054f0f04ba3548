// What becomes of each use of a flag when the flag becomes an event.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit } from "../../fix.ts";
import { executedNodes } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { undeclared } from "../text/declarations.ts";
import { bare, negated } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { losesComment } from "../text/layout.ts";
import type { FlagUses } from "./flagUses.ts";

/** Whether a read is the operand of `not`. */
export function isNegated(tree: CompactTree, read: number): boolean {
  let at = tree.parent(read);
  while (tree.kind(at) === Kind.ParenthesizedExpression) at = tree.parent(at);
  return tree.kind(at) === Kind.NotOperator;
}

/** Whether `not x` may stand where the node stands without parentheses. */
function takesNot(tree: CompactTree, node: number): boolean {
  switch (tree.kind(tree.parent(node))) {
    case Kind.IfStatement:
    case Kind.ElifClause:
    case Kind.WhileStatement:
    case Kind.ReturnStatement:
    case Kind.AssertStatement:
    case Kind.ExpressionStatement:
    case Kind.Assignment:
    case Kind.ArgumentList:
    case Kind.KeywordArgument:
    case Kind.BooleanOperator:
    case Kind.NotOperator:
    case Kind.ParenthesizedExpression:
    case Kind.ConditionalExpression:
    case Kind.Interpolation:
      return true;
    default:
      return false;
  }
}

export class EventEdits {
  readonly list: TextEdit[] = [];
  private readonly sleep: string | undefined;
  /** Ranges that are replaced as a whole. */
  private readonly done: (readonly [start: number, end: number])[] = [];

  constructor(
    private readonly place: Place,
    private readonly name: string,
    private readonly setWhen: boolean,
  ) {
    const sleep = moduleMember(place.source, "time", "sleep");
    this.sleep = sleep?.edits.length === 0 ? sleep.expression : undefined;
  }

  /** The event as it is written where the flag stands. */
  private event(flag: number): string {
    const { tree } = this.place;
    return tree.kind(flag) === Kind.Attribute
      ? `${tree.source(tree.child(flag, Field.Object))}.${this.name}`
      : this.name;
  }

  /** The loops that ask for the flag; false where one of them could not wait for the event. */
  polling(reads: readonly number[]): boolean {
    const { tree, source } = this.place;
    let waits = 0;
    for (const read of reads) {
      const loop = loopOver(tree, read);
      if (loop === 0) continue;
      const body = tree.childrenOf(loop, Field.Body);
      const isPause = body.every((statement) => this.isPause(statement));
      const sleeps = this.sleepsIn(loop);
      if (!isPause && sleeps.length === 0) continue;
      if (isNegated(tree, read) !== this.setWhen) return false;
      if (isPause) {
        const [start, end] = [tree.start(loop), tree.end(body.at(-1)!)];
        const isWhole = this.place.ownsLines(loop) && tree.child(loop, Field.Alternative) === 0;
        if (!isWhole || losesComment(source, start, source.lineEnd(end), [])) return false;
        this.list.push(source.replace(start, end, `${this.event(read)}.wait()`));
        this.done.push([start, end]);
      } else {
        for (const callee of sleeps)
          this.list.push(source.replace(tree.start(callee), tree.end(callee), `${this.event(read)}.wait`));
      }
      waits += 1;
    }
    return waits > 0;
  }

  private isPause(statement: number): boolean {
    const { tree } = this.place;
    const kind = tree.kind(statement);
    return (
      kind === Kind.PassStatement ||
      kind === Kind.ContinueStatement ||
      tree.source(statement) === "..." ||
      this.sleepAt(statement) !== 0
    );
  }

  /** The callee of a statement `time.sleep(seconds)`, or 0. */
  private sleepAt(statement: number): number {
    const { tree } = this.place;
    if (tree.kind(statement) !== Kind.ExpressionStatement) return 0;
    const call = tree.firstChild(statement);
    if (tree.kind(call) !== Kind.Call) return 0;
    const callee = tree.child(call, Field.Function);
    const args = tree.childrenOf(call, Field.Arguments);
    const isSeconds = args.length === 1 && !/^(\*|\w+\s*=)/.test(tree.source(args[0]!));
    return isSeconds && tree.source(callee) === this.sleep ? callee : 0;
  }

  /** The sleeps between two rounds of the loop, not those of loops within it. */
  private sleepsIn(loop: number): number[] {
    const { tree } = this.place;
    const found: number[] = [];
    for (const node of executedNodes(tree, tree.childrenOf(loop, Field.Body))) {
      const callee = this.sleepAt(node);
      if (callee !== 0 && innermostLoop(tree, node) === loop) found.push(callee);
    }
    return found;
  }

  made({ made }: FlagUses, maker: string): void {
    const { tree, source } = this.place;
    const { assignment, flag, value } = made;
    const event = this.event(flag);
    this.list.push(source.replace(tree.start(assignment), tree.end(assignment), `${event} = ${maker}()`));
    if (value === this.setWhen) this.list.push(source.lineAfter(tree.parent(assignment), `${event}.set()`));
  }

  others({ stores, reads, declared }: FlagUses): void {
    const { tree, source } = this.place;
    for (const { assignment, flag, value } of stores) {
      const call = value === this.setWhen ? "set" : "clear";
      this.list.push(
        source.replace(tree.start(assignment), tree.end(assignment), `${this.event(flag)}.${call}()`),
      );
    }
    for (const read of reads) {
      if (this.done.some(([start, end]) => start <= tree.start(read) && tree.end(read) <= end)) continue;
      this.list.push(this.question(read));
    }
    for (const node of declared) {
      const statement = tree.parent(node);
      const isAlone = tree.children(statement).length === 1;
      const isAll = this.place.siblingsOf(statement).length === 1;
      // Where the line or the block would lose more, the declaration stays: it does no harm.
      if (!isAlone) this.list.push(undeclared(source, node));
      else if (this.place.ownsLines(statement) && !isAll) this.list.push(this.withoutGap(statement, node));
    }
  }

  /** The edit that takes the declaration out, and with it the blank lines that would begin the block. */
  private withoutGap(statement: number, node: number): TextEdit {
    const { tree, source } = this.place;
    const edit = undeclared(source, node);
    if (tree.children(tree.parent(statement))[0] !== statement) return edit;
    return { ...edit, end: edit.end + /^(?:[ \t]*\r?\n)*/.exec(source.text.slice(edit.end))![0].length };
  }

  private question(read: number): TextEdit {
    const { tree, source } = this.place;
    const asks = `${this.event(read)}.is_set()`;
    const parent = tree.parent(read);
    if (this.setWhen) return source.replace(tree.start(read), tree.end(read), asks);
    if (tree.kind(parent) === Kind.NotOperator)
      return source.replace(tree.start(parent), tree.end(parent), asks);
    const negatedText = takesNot(tree, read) ? `not ${asks}` : `(not ${asks})`;
    return source.replace(tree.start(read), tree.end(read), negatedText);
  }
}

/** The `while` loop whose condition is the flag or its negation, or 0. */
function loopOver(tree: CompactTree, read: number): number {
  for (let at = tree.parent(read), child = read; at > 0; child = at, at = tree.parent(at)) {
    const kind = tree.kind(at);
    if (kind === Kind.NotOperator || kind === Kind.ParenthesizedExpression) continue;
    if (kind !== Kind.WhileStatement || tree.field(child) !== Field.Condition) return 0;
    return bare(tree, child) === read || negated(tree, child) === read ? at : 0;
  }
  return 0;
}

function innermostLoop(tree: CompactTree, node: number): number {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.WhileStatement || tree.kind(at) === Kind.ForStatement) return at;
  }
  return 0;
}
