// Reads calls: who is called with what, and what builtin functions do to the containers they are given.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { ExpressionReader } from "./expressions.ts";
import type { Argument } from "./facts.ts";

/** Builtins that run through their argument. */
const consumers = new Set([
  "list",
  "tuple",
  "set",
  "frozenset",
  "dict",
  "sorted",
  "sum",
  "min",
  "max",
  "any",
  "all",
  "map",
  "filter",
  "zip",
  "enumerate",
  "reversed",
]);

/** Builtins that look at an object without keeping or changing it. */
const onlookers = new Set([
  "isinstance",
  "issubclass",
  "id",
  "type",
  "repr",
  "str",
  "bool",
  "callable",
  "hash",
]);

export class CallReader {
  constructor(private readonly reader: ExpressionReader) {}

  /**
   * Records a call and all that its evaluation reads.
   * @param managed whether its result is entered by `with`
   * @returns index of the call
   */
  visit(node: number, managed: boolean): number {
    if (!this.reader.descend()) return -1;
    const call = this.read(node, managed);
    this.reader.ascend();
    return call;
  }

  private read(node: number, managed: boolean): number {
    const { reader } = this;
    const { tree, record } = reader;
    const callee = tree.child(node, Field.Function);
    const list = tree.child(node, Field.Arguments);
    const start = tree.start(node);
    const end = tree.end(node);
    const args =
      tree.kind(list) === Kind.GeneratorExpression ? [list] : tree.childrenOf(node, Field.Arguments);
    const place = reader.place(callee);

    if (tree.kind(callee) === Kind.Attribute) {
      const object = tree.child(callee, Field.Object);
      const of = reader.place(object);
      const method = tree.source(tree.child(callee, Field.Attribute));
      if (method === "join" && tree.kind(object) === Kind.String) {
        for (const arg of args) reader.iterate(arg, "join");
        return -1;
      }
      const first = args[0];
      record.access(
        of,
        "method",
        start,
        end,
        method,
        first === undefined ? "" : tree.source(first).slice(0, 80),
      );
      reader.visitBase(object);
    } else if (tree.kind(callee) === Kind.Identifier) {
      if (tree.source(callee) === "print") {
        return record.call(
          place,
          start,
          end,
          args.map((arg) => this.printed(arg)),
          managed,
        );
      }
      if (this.builtin(tree.source(callee), args, start, end)) {
        const named = tree.source(callee) === "getattr" ? args.map((arg) => this.lookedUp(arg)) : [];
        return record.call(place, start, end, named, managed);
      }
      if (place >= 0) record.access(place, "read", tree.start(callee), tree.end(callee));
    } else reader.visit(callee);

    const tail = calleeTail(tree.source(callee));
    const facts = args.map((arg) => this.argument(arg, tail));
    return record.call(place, start, end, facts, managed);
  }

  /** Handles the builtins whose effect on their argument is known; false for all other names. */
  private builtin(name: string, args: readonly number[], start: number, end: number): boolean {
    const { reader } = this;
    const { tree, record } = reader;
    if (consumers.has(name)) {
      for (const arg of args) {
        if (tree.kind(arg) === Kind.KeywordArgument || tree.kind(arg) === Kind.Lambda) reader.visit(arg);
        else reader.iterate(arg, name);
      }
      return true;
    }
    if (name === "len" && args[0] !== undefined) {
      const place = reader.place(args[0]);
      if (place >= 0 && tree.kind(args[0]) !== Kind.Call) record.access(place, "length", start, end);
      else reader.visit(args[0]);
      return true;
    }
    if (name === "next" && args[0] !== undefined) {
      record.access(reader.place(args[0]), "method", start, end, "__next__");
      for (const arg of args) reader.visitBase(arg);
      return true;
    }
    if (
      (name === "hasattr" || name === "getattr" || name === "setattr" || name === "delattr") &&
      args.length >= 2
    ) {
      const base = reader.place(args[0]!);
      const literal = tree.source(args[1]!);
      for (const arg of args) reader.visit(arg);
      if (base >= 0 && /^["']\w+["']$/.test(literal)) {
        const place = record.attribute(base, literal.slice(1, -1));
        const op = name === "setattr" ? "rebind" : name === "delattr" ? "delete" : "read";
        record.access(place, op, start, end, name);
      }
      return true;
    }
    if (onlookers.has(name)) {
      for (const arg of args) reader.visit(arg);
      return true;
    }
    return false;
  }

  /** What is printed is looked at and forgotten; the stream is written to. */
  private printed(node: number): Argument {
    const { reader } = this;
    const { tree } = reader;
    if (tree.kind(node) === Kind.KeywordArgument && tree.source(tree.child(node, Field.Name)) === "file") {
      return this.argument(node, "print");
    }
    reader.visit(node);
    const isKeyword = tree.kind(node) === Kind.KeywordArgument;
    return {
      keyword: isKeyword ? tree.source(tree.child(node, Field.Name)) : "",
      place: -1,
      lambda: -1,
      call: -1,
      elements: [],
      display: "",
      literal: tree.source(isKeyword ? tree.child(node, Field.Value) : node).slice(0, 80),
    };
  }

  /** An argument of `getattr`, whose accesses have been recorded. */
  private lookedUp(node: number): Argument {
    const name = this.nameIn(node);
    return {
      keyword: "",
      place: name !== "" ? -1 : this.reader.place(node),
      lambda: -1,
      call: -1,
      elements: [],
      display: "",
      literal: name.slice(0, 80),
    };
  }

  /** A string as it is written; `"on_" + x`, `"on_%s" % x` and `"on_{}".format(x)` as the f-string they could be. */
  private nameIn(node: number): string {
    const { tree } = this.reader;
    switch (tree.kind(node)) {
      case Kind.String:
        return tree.source(node);
      case Kind.BinaryOperator:
        return this.madeOf(tree.child(node, Field.Left));
      case Kind.Call: {
        const callee = tree.child(node, Field.Function);
        return tree.kind(callee) === Kind.Attribute ? this.madeOf(tree.child(callee, Field.Object)) : "";
      }
      default:
        return "";
    }
  }

  private madeOf(text: number): string {
    const { tree } = this.reader;
    const start = tree.kind(text) === Kind.String ? /^["'](\w*)/.exec(tree.source(text))?.[1] : undefined;
    return start === undefined ? "" : `f"${start}{`;
  }

  private argument(node: number, callee: string): Argument {
    const { reader } = this;
    const { tree, record } = reader;
    const isKeyword = tree.kind(node) === Kind.KeywordArgument;
    const value = isKeyword ? tree.child(node, Field.Value) : node;
    const keyword = isKeyword ? tree.source(tree.child(node, Field.Name)) : "";
    const kind = tree.kind(value);
    const fact = {
      keyword,
      place: -1,
      lambda: -1,
      call: -1,
      elements: [] as number[],
      display: displayOf(kind),
      literal: "",
    };
    if (kind === Kind.Lambda) return { ...fact, lambda: reader.opener.lambda(value) };
    if (kind === Kind.Call) return { ...fact, call: this.visit(value, false), place: reader.place(value) };
    if (kind === Kind.Tuple || kind === Kind.List) {
      fact.elements = tree.children(value).map((element) => reader.place(element));
      for (const [i, element] of tree.children(value).entries()) {
        const place = fact.elements[i]!;
        if (place >= 0)
          record.access(place, "argument", tree.start(element), tree.end(element), callee, keyword);
      }
      reader.visit(value);
      return fact;
    }
    if (
      kind === Kind.Integer ||
      kind === Kind.Float ||
      kind === Kind.String ||
      kind === Kind.True ||
      kind === Kind.False ||
      kind === Kind.None
    ) {
      fact.literal = tree.source(value).slice(0, 80);
      reader.visit(value);
      return fact;
    }
    fact.place = reader.place(value);
    if (fact.place >= 0) {
      record.access(fact.place, "argument", tree.start(value), tree.end(value), callee, keyword);
      reader.visitBase(value);
      if (tree.kind(value) === Kind.Subscript) reader.visit(value);
    } else reader.visit(value);
    return fact;
  }
}

function displayOf(kind: Kind): Argument["display"] {
  if (kind === Kind.List || kind === Kind.ListComprehension) return "list";
  if (kind === Kind.Dictionary || kind === Kind.DictionaryComprehension) return "dict";
  return kind === Kind.Set || kind === Kind.SetComprehension ? "set" : "";
}

/** The last name of a dotted callee: `heappush` for `heapq.heappush`. */
export function calleeTail(text: string): string {
  return text.slice(text.lastIndexOf(".") + 1);
}
