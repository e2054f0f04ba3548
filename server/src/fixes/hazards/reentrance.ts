// Whether code that is put under a lock would take that same lock again.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { Region } from "../region/codeUnderLock.ts";
import {
  bodyOf,
  decoratorsOf,
  executedNodes,
  isDocstring,
  lastName,
  nameOf,
  parametersOf,
} from "../scopes.ts";

/** What `self[key]`, `key in self`, `len(self)` and loops over `self` call. */
const implicitlyCalled = ["__getitem__", "__setitem__", "__delitem__", "__contains__", "__len__", "__iter__"];

/** The functions of one file by what a call may name them. */
export class LocalCalls {
  private readonly functions = new Map<string, number[]>();
  private readonly methods = new Map<string, number[]>();

  constructor(private readonly tree: CompactTree) {
    for (let node = 1; node < tree.count; node += 1) {
      if (tree.kind(node) !== Kind.FunctionDefinition) continue;
      const isMethod = tree.kind(this.scopeOf(node)) === Kind.ClassDefinition;
      const table = isMethod ? this.methods : this.functions;
      const name = nameOf(tree, node);
      table.set(name, [...(table.get(name) ?? []), node]);
      if (isMethod && name === "__init__") {
        const cls = nameOf(tree, this.scopeOf(node));
        this.functions.set(cls, [...(this.functions.get(cls) ?? []), node]);
      }
    }
  }

  private scopeOf(definition: number): number {
    const { tree } = this;
    let at = tree.parent(definition);
    while (at > 0 && tree.kind(at) !== Kind.ClassDefinition && tree.kind(at) !== Kind.FunctionDefinition) {
      at = tree.parent(at);
    }
    return Math.max(0, at);
  }

  /** The name of a function of this file that the region reaches by calls and that fits, if any. */
  reaches(region: Region, fits: (fn: number) => boolean): string | undefined {
    const queue = [...this.calledBy(region.statements)];
    const seen = new Set(queue);
    for (let i = 0; i < queue.length; i += 1) {
      const fn = queue[i]!;
      if (fits(fn)) return nameOf(this.tree, fn);
      for (const next of this.calledBy(bodyOf(this.tree, fn))) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    return undefined;
  }

  private calledBy(statements: readonly number[]): number[] {
    const { tree } = this;
    const called: number[] = [];
    for (const node of executedNodes(tree, statements)) {
      if (tree.kind(node) === Kind.Call) {
        const callee = tree.child(node, Field.Function);
        if (tree.kind(callee) !== Kind.Identifier) continue; // methods are found as attributes
        called.push(...(this.functions.get(tree.source(callee)) ?? []));
      } else if (tree.kind(node) === Kind.Attribute) {
        if (!this.isOwnObject(tree.source(tree.child(node, Field.Object)))) continue;
        called.push(...this.behindAttribute(node));
      } else if (tree.kind(node) === Kind.Identifier && tree.source(node) === "self") {
        if (tree.kind(tree.parent(node)) === Kind.Attribute) continue;
        for (const name of implicitlyCalled) called.push(...(this.methods.get(name) ?? []));
      }
    }
    return called;
  }

  /** A method that is called there, or a property that is read. */
  private behindAttribute(attribute: number): number[] {
    const { tree } = this;
    const methods = this.methods.get(tree.source(tree.child(attribute, Field.Attribute))) ?? [];
    const parent = tree.parent(attribute);
    const isCalled = tree.kind(parent) === Kind.Call && tree.field(attribute) === Field.Function;
    return isCalled ? methods : methods.filter((method) => decoratorsOf(tree, method).length > 0);
  }

  /** Calls on other objects could go anywhere; those on `self`, `cls` and classes stay in the family. */
  private isOwnObject(receiver: string): boolean {
    return (
      /^(self|cls|super\(\)|type\(self\)|self\.__class__)$/.test(receiver) || this.functions.has(receiver)
    );
  }
}

/** A method whose body says no more than that subclasses have to define it. */
export function isLeftToSubclasses(tree: CompactTree, fn: number): boolean {
  const body = bodyOf(tree, fn).filter((statement) => !isDocstring(tree, statement));
  const isAbstract = decoratorsOf(tree, fn).some(({ name }) => lastName(name) === "abstractmethod");
  const isUnfinished = body.every((statement) =>
    /^(pass|\.\.\.|raise NotImplementedError\b.*|return NotImplemented)$/s.test(tree.source(statement)),
  );
  return isAbstract || isUnfinished;
}

/** The statements in blocks that run under a lock of this name. */
export function blocksUnder(tree: CompactTree, lock: string): number[] {
  const statements: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.WithStatement) continue;
    const clause = tree.children(node).find((c) => tree.kind(c) === Kind.WithClause);
    if (clause !== undefined && takesLock(tree, [clause], lock)) statements.push(...bodyOf(tree, node));
  }
  return statements;
}

/**
 * Whether the code takes a lock of this name, whichever object it is an attribute of.
 * @param isJoined with statements that do not count
 */
export function takesLock(
  tree: CompactTree,
  statements: readonly number[],
  lock: string,
  isJoined: (statement: number) => boolean = () => false,
): boolean {
  const name = lastName(lock);
  for (const node of executedNodes(tree, statements)) {
    const kind = tree.kind(node);
    if (kind === Kind.WithItem) {
      if (isJoined(tree.parent(tree.parent(node)))) continue;
      const value = tree.child(node, Field.Value) || tree.firstChild(node);
      const expressions = tree.kind(value) === Kind.Tuple ? tree.children(value) : [value];
      if (expressions.some((e) => lastName(tree.source(e)) === name)) return true;
    } else if (kind === Kind.Call) {
      const callee = tree.source(tree.child(node, Field.Function));
      if (callee === `${name}.acquire` || callee.endsWith(`.${name}.acquire`)) return true;
    }
  }
  return false;
}

/** Whether the code mentions the guarded variable or attribute. */
export function mentions(tree: CompactTree, fn: number, name: string): boolean {
  if (parametersOf(tree, fn).includes(name)) return false;
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) === Kind.Identifier && tree.source(node) === name) return true;
  }
  return false;
}

/** Whether one thread may take the lock twice, as far as this file shows how locks of its name are made. */
export function isReentrant(tree: CompactTree, lock: string): boolean {
  const name = lastName(lock);
  const made: string[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    if (lastName(tree.source(tree.child(node, Field.Left))) !== name) continue;
    const value = tree.source(tree.child(node, Field.Right));
    if (/\b(R?Lock|allocate_lock|Condition|Semaphore)\b/.test(value)) made.push(value);
  }
  return (
    made.length > 0 &&
    made.every((value) => /(^|\W)(RLock|default_factory\s*=\s*[\w.]*RLock|Condition\(\s*\))/.test(value))
  );
}
