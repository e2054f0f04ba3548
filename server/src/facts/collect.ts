// Reads one file's tree into its summary: opens functions and classes and walks their statements in order.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { resolveBoundMethods } from "./boundMethods.ts";
import { collectComments } from "./comments.ts";
import { ExpressionReader } from "./expressions.ts";
import type { FileFacts, FunctionFact } from "./facts.ts";
import { markLazyModules } from "./imports.ts";
import { type Mutable, Recorder } from "./recorder.ts";
import { analyseScopes, type Scopes } from "./scopes.ts";
import { StatementReader } from "./statements.ts";

/**
 * Summarises a file. Broken code yields fewer facts, never an error.
 * @param isBroken whether the text has syntax errors that this tree may have been mended of
 */
export function collectFacts(tree: CompactTree, isBroken = tree.hasError): FileFacts {
  return new Collector(tree).run(isBroken);
}

const callerHoldsName = /_(locked|unlocked|nolock|no_lock|unsafe|lock_held|with_lock)$/;
const callerHoldsText =
  /caller[^.]{0,40}(hold|own|acquire|lock)|(must|should)( only)? be called (with|while|under)[^.]{0,40}lock|lock[^.]{0,30}(must|should)[^.]{0,15} be (held|acquired)|(assum|requir)\w*[^.]{0,40}lock[^.]{0,20}(held|acquired)|already (hold|acquired|locked)|(hold|holding|with|under) the [\w ]{0,20}lock( held)?\b|not thread.?safe/i;

export class Collector {
  readonly scopes: Scopes;
  readonly record: Recorder;
  readonly expressions: ExpressionReader;
  readonly statements: StatementReader;
  private readonly qualifiers: string[] = [];

  constructor(readonly tree: CompactTree) {
    this.record = new Recorder(tree.text);
    this.scopes = analyseScopes(tree);
    this.expressions = new ExpressionReader(tree, this.scopes, this.record, this);
    this.statements = new StatementReader(this);
  }

  run(isBroken: boolean): FileFacts {
    const { record, tree } = this;
    record.functions.push({
      name: "<module>",
      qualifiedName: "<module>",
      owner: -1,
      parent: -1,
      parameters: [],
      required: 0,
      mutableDefaults: [],
      decorators: [],
      isAsync: false,
      isGenerator: false,
      callerHolds: false,
      start: 0,
      end: tree.text.length,
      nameStart: 0,
      nameEnd: 0,
      returns: [],
    });
    this.inside(0, 0, -1, () => this.statements.block(0));
    resolveBoundMethods(record);
    markLazyModules(this);
    return {
      functions: record.functions,
      classes: record.classes,
      imports: record.imports,
      places: record.places,
      accesses: record.accesses,
      contexts: record.contexts,
      calls: record.calls,
      suspensions: record.suspensions,
      bindings: record.bindings,
      comments: collectComments(tree),
      globals: [...this.scopes.list[0]!.bound],
      mentionsThreads: /\bthread(s|ed|ing|ings|-?safe\w*)?\b|\b_thread\b|\block(s|ed|ing)?\b/i.test(
        tree.text,
      ),
      isBroken,
      lineStarts: lineStartsOf(tree.text),
    };
  }

  /** Runs `body` with the recorder standing in another function, and comes back. */
  private inside(fn: number, scope: number, classIndex: number, body: () => void): void {
    const { record, expressions } = this;
    const saved = {
      frame: record.frame,
      context: record.context,
      scope: expressions.scope,
      start: record.statementStart,
      end: record.statementEnd,
    };
    record.frame = {
      fn,
      scope,
      classIndex,
      aliases: new Map(),
      derived: new Map(),
      defaults: record.functions[fn]!.mutableDefaults,
      hasInner: fn !== 0 && this.hasInnerFunction(this.scopes.list[scope]!.node),
    };
    record.context = 0;
    expressions.scope = scope;
    expressions.functionOfScope.set(scope, fn);
    body();
    record.frame = saved.frame;
    record.context = saved.context;
    record.statementStart = saved.start;
    record.statementEnd = saved.end;
    expressions.scope = saved.scope;
  }

  private hasInnerFunction(node: number): boolean {
    const end = this.tree.subtreeEnd(node);
    for (let n = node + 1; n < end; n += 1) {
      const kind = this.tree.kind(n);
      if (kind === Kind.FunctionDefinition || kind === Kind.Lambda) return true;
    }
    return false;
  }

  /** The function checks that its caller holds a lock: `assert self._lock.locked()`. */
  noteCallerHolds(): void {
    this.record.functions[this.record.frame.fn]!.callerHolds = true;
  }

  /** @returns the new function's index */
  functionDefinition(node: number, decorators: readonly number[]): number {
    const { tree, record, expressions } = this;
    const name = tree.child(node, Field.Name);
    const parameters = tree.child(node, Field.Parameters);
    const body = tree.child(node, Field.Body);
    this.visitDefaults(parameters);
    const directClass = expressions.classOfScope.get(expressions.scope) ?? -1;
    const classIndex = directClass >= 0 ? directClass : record.frame.classIndex;
    const title = name === 0 ? "<error>" : tree.source(name);
    const names = parameters === 0 ? [] : this.parameterNames(parameters);
    const scope = this.scopes.opened.get(node)!;
    const fact: Mutable<FunctionFact> = {
      name: title,
      qualifiedName: [...this.qualifiers, title].join("."),
      owner: directClass,
      parent: record.frame.fn,
      parameters: names,
      required: parameters === 0 ? 0 : this.requiredParameters(parameters),
      mutableDefaults: parameters === 0 ? [] : this.mutableDefaults(parameters),
      decorators,
      isAsync: tree.text.startsWith("async", tree.start(node)),
      isGenerator: false,
      callerHolds: callerHoldsName.test(title) || callerHoldsText.test(this.docstring(body)),
      start: tree.start(node),
      end: tree.end(node),
      nameStart: name === 0 ? tree.start(node) : tree.start(name),
      nameEnd: name === 0 ? tree.start(node) : tree.end(name),
      returns: [],
    };
    const fn = record.functions.push(fact) - 1;
    if (directClass >= 0 && names[0] !== undefined)
      this.bindReceiver(scope, names[0], directClass, title, decorators);
    this.qualifiers.push(title);
    const defaults = this.sharedDefaults(parameters);
    this.inside(fn, scope, classIndex, () => {
      if (parameters !== 0) this.noteAnnotations(parameters);
      for (const [parameter, place] of defaults) record.frame.aliases.set(parameter, place);
      this.statements.block(body);
    });
    this.qualifiers.pop();
    fact.isGenerator = this.statements.takeGeneratorFlag(fn);
    fact.returns = this.statements.takeReturns(fn);
    return fn;
  }

  private bindReceiver(
    scope: number,
    name: string,
    owner: number,
    method: string,
    decorators: readonly number[],
  ): void {
    const named = (what: string) =>
      decorators.some(
        (d) => d >= 0 && this.record.places[d]!.root === "global" && this.record.places[d]!.name === what,
      );
    if (named("staticmethod")) return;
    const isClass =
      named("classmethod") ||
      method === "__new__" ||
      method === "__init_subclass__" ||
      method === "__class_getitem__";
    this.expressions.receivers.set(scope, { name, classIndex: owner, root: isClass ? "class" : "self" });
  }

  lambda(node: number): number {
    const { tree, record, expressions } = this;
    const parameters = tree.child(node, Field.Parameters);
    const scope = this.scopes.opened.get(node)!;
    this.visitDefaults(parameters);
    const fn =
      record.functions.push({
        name: "<lambda>",
        qualifiedName: [...this.qualifiers, "<lambda>"].join("."),
        owner: -1,
        parent: record.frame.fn,
        parameters: parameters === 0 ? [] : this.parameterNames(parameters),
        required: parameters === 0 ? 0 : this.requiredParameters(parameters),
        mutableDefaults: [],
        decorators: [],
        isAsync: false,
        isGenerator: false,
        callerHolds: false,
        start: tree.start(node),
        end: tree.end(node),
        nameStart: tree.start(node),
        nameEnd: tree.end(node),
        returns: [],
      }) - 1;
    const { classIndex } = record.frame;
    this.inside(fn, scope, classIndex, () => {
      record.statementStart = tree.start(node);
      record.statementEnd = tree.end(node);
      expressions.visit(tree.child(node, Field.Body));
    });
    return fn;
  }

  classDefinition(node: number, decorators: readonly number[]): void {
    const { tree, record, expressions } = this;
    const name = tree.child(node, Field.Name);
    const bases: number[] = [];
    for (const base of tree.childrenOf(node, Field.Superclasses)) {
      if (tree.kind(base) === Kind.KeywordArgument) continue;
      const generic = tree.kind(base) === Kind.Subscript ? tree.child(base, Field.Value) : base;
      bases.push(expressions.place(generic));
    }
    const title = name === 0 ? "<error>" : tree.source(name);
    const index =
      record.classes.push({
        name: title,
        qualifiedName: [...this.qualifiers, title].join("."),
        bases,
        fn: record.frame.fn,
        decorators,
        documentedUnsafe: /\bnot\s+(be\s+)?thread[- ]?safe|thread[- ]?unsafe|single[- ]thread/i.test(
          this.docstring(tree.child(node, Field.Body)),
        ),
        start: tree.start(node),
        end: tree.end(node),
        nameStart: name === 0 ? tree.start(node) : tree.start(name),
        nameEnd: name === 0 ? tree.start(node) : tree.end(name),
      }) - 1;
    const scope = this.scopes.opened.get(node)!;
    const outer = expressions.scope;
    expressions.scope = scope;
    expressions.classOfScope.set(scope, index);
    expressions.functionOfScope.set(scope, record.frame.fn);
    this.qualifiers.push(title);
    this.statements.block(tree.child(node, Field.Body));
    this.qualifiers.pop();
    expressions.scope = outer;
  }

  private parameterNames(parameters: number): string[] {
    const { tree } = this;
    return tree.children(parameters).map((p) => {
      const named = tree.child(p, Field.Name);
      let at = named === 0 ? p : named;
      while (at !== 0 && tree.kind(at) !== Kind.Identifier) at = tree.firstChild(at);
      return at === 0 ? "" : tree.source(at);
    });
  }

  private requiredParameters(parameters: number): number {
    return this.tree.children(parameters).filter((p) => {
      const kind = this.tree.kind(p);
      return (
        kind === Kind.Identifier ||
        (kind === Kind.TypedParameter && this.tree.kind(this.tree.firstChild(p)) === Kind.Identifier)
      );
    }).length;
  }

  private mutableDefaults(parameters: number): string[] {
    const { tree } = this;
    const isMutable = (value: number): boolean => {
      const kind = tree.kind(value);
      if (kind === Kind.List || kind === Kind.Dictionary || kind === Kind.Set) return true;
      return (
        kind === Kind.Call &&
        /^(list|dict|set|(collections\.)?(defaultdict|deque|Counter|OrderedDict))\(/.test(tree.source(value))
      );
    };
    return tree
      .children(parameters)
      .filter((p) => tree.child(p, Field.Value) !== 0 && isMutable(tree.child(p, Field.Value)))
      .map((p) => tree.source(tree.child(p, Field.Name)));
  }

  /** What annotations say of the parameters: `def f(pool: Pool)`. */
  private noteAnnotations(parameters: number): void {
    const { tree, record, expressions } = this;
    for (const p of tree.children(parameters)) {
      const type = tree.child(p, Field.Type);
      const name = tree.child(p, Field.Name) || tree.firstChild(p);
      if (type === 0 || name === 0 || tree.kind(name) !== Kind.Identifier) continue;
      record.bindings.push({
        place: expressions.namePlace(tree.source(name)),
        fn: record.frame.fn,
        value: "annotation",
        source: -1,
        annotation: tree.source(type),
        start: tree.start(name),
        end: tree.end(name),
        empty: false,
      });
    }
  }

  /** Parameters that are a module global unless the caller says otherwise: `def f(config=config)`. */
  private sharedDefaults(parameters: number): [string, number][] {
    if (parameters === 0) return [];
    const { tree, record, expressions } = this;
    const found: [string, number][] = [];
    for (const p of tree.children(parameters)) {
      const value = tree.child(p, Field.Value);
      if (value === 0 || tree.kind(value) !== Kind.Identifier) continue;
      const place = expressions.place(value);
      if (place >= 0 && record.places[place]!.root === "global")
        found.push([tree.source(tree.child(p, Field.Name)), place]);
    }
    return found;
  }

  private visitDefaults(parameters: number): void {
    if (parameters === 0) return;
    for (const p of this.tree.children(parameters)) {
      const value = this.tree.child(p, Field.Value);
      if (value !== 0) this.expressions.visit(value);
    }
  }

  private docstring(body: number): string {
    if (body === 0) return "";
    const first = this.tree.children(body)[0];
    if (first === undefined || this.tree.kind(first) !== Kind.ExpressionStatement) return "";
    const inner = this.tree.firstChild(first);
    return inner !== 0 && this.tree.kind(inner) === Kind.String ? this.tree.source(inner).slice(0, 2000) : "";
  }
}

function lineStartsOf(text: string): Uint32Array {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return new Uint32Array(starts);
}
