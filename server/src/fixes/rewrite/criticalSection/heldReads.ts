// What code needs of shared data when it moves out of a `with` block: local names that are read under the lock.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal } from "../../fix.ts";
import { executedNodes, functionAround, isTarget, lastName, parametersOf } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";
import { isPlain } from "../text/expressions.ts";
import type { Replacement } from "../text/layout.ts";
import { freshLocal } from "../text/localNames.ts";
import { isMethod, pathsIn, sharingOf } from "./sharedReads.ts";

export interface Reads {
  /** Statements that stay under the lock: `listeners = list(self._listeners)`. */
  readonly lines: readonly string[];
  /** Where the moved code says these names instead. */
  readonly replacements: readonly Replacement[];
}

const copies = /^(list|tuple|set|frozenset|dict|sorted|range)\(|\.copy\(\)$|^\[/;

export class HeldReads implements Reads {
  readonly lines: string[] = [];
  readonly replacements: Replacement[] = [];
  private readonly names = new Map<string, string>();
  private readonly tree: CompactTree;

  /** @param earlier the statements of the block before: what they bind may belong to the lock's data */
  constructor(
    private readonly place: Place,
    private readonly earlier: readonly number[],
  ) {
    this.tree = place.tree;
  }

  /** Takes in a whole statement. Throws a Refusal where it needs more of the shared data than names can hold. */
  take(statement: number): void {
    const { tree } = this;
    switch (tree.kind(statement)) {
      case Kind.ForStatement:
        this.copyOf(tree.child(statement, Field.Right));
        this.takeNodes(tree.children(statement).filter((c) => tree.field(c) !== Field.Right));
        return;
      case Kind.ExpressionStatement:
      case Kind.ReturnStatement: {
        const value = tree.firstChild(statement);
        const isDelegated = tree.kind(value) === Kind.Yield && /^yield\s+from\b/.test(tree.source(value));
        if (isDelegated) this.copyOf(tree.firstChild(value));
        else if (tree.kind(value) === Kind.Call) this.takeCall(value);
        else break;
        return;
      }
    }
    this.takeNodes([statement]);
  }

  private takeCall(call: number): void {
    const { tree } = this;
    const callee = tree.child(call, Field.Function);
    if (tree.kind(callee) === Kind.Subscript && isPlain(tree, tree.child(callee, Field.Value))) {
      const owner = tree.source(tree.child(callee, Field.Value));
      this.capture(callee, singular(baseName(owner)), tree.source(callee));
    } else this.takeNodes([callee]);
    for (const argument of tree.childrenOf(call, Field.Arguments)) {
      const value =
        tree.kind(argument) === Kind.KeywordArgument ? tree.child(argument, Field.Value) : argument;
      const shared = pathsIn(tree, [value]).find((path) => !this.isFree(path));
      if (shared === undefined) continue;
      const isSplat = tree.kind(value) === Kind.ListSplat || tree.kind(value) === Kind.DictionarySplat;
      const isLazy = tree.kind(value) === Kind.GeneratorExpression;
      const written = tree.source(value);
      if (isSplat || isLazy || tree.kind(callee) === Kind.Subscript || written.includes("\n"))
        throw new Refusal(`\`${tree.source(shared)}\` is read for it, which needs the lock.`);
      if (isPlain(tree, value) && !this.isValue(written))
        throw new Refusal(
          `It is handed \`${written}\` itself, and would use that without the lock; hand over a copy.`,
        );
      this.capture(value, nameFor(written, tree.source(shared)), written);
    }
  }

  /** Names and attributes in any place: those that may change are read before. */
  private takeNodes(nodes: readonly number[]): void {
    const { tree } = this;
    for (const path of pathsIn(tree, nodes)) {
      if (this.isFree(path)) continue;
      const sharing = sharingOf(tree, path);
      const [root, first] = tree.source(path).split(".");
      const prefix =
        sharing === "own" || first === undefined || !this.isSelf(root!) ? root! : `${root}.${first}`;
      if (sharing === "method") throw new Refusal(`\`${tree.source(path)}\` may need the lock.`);
      if (sharing !== "changing" || isTarget(tree, path) || !this.isValue(prefix))
        throw new Refusal(`\`${tree.source(path)}\` is used there, which needs the lock.`);
      this.captureText(tree.start(path), tree.start(path) + prefix.length, baseName(prefix), prefix);
    }
  }

  /** What a loop goes over: a copy made under the lock, unless nobody else has it. */
  private copyOf(iterable: number): void {
    const { tree } = this;
    const written = tree.source(iterable);
    const shared = pathsIn(tree, [iterable]).find((path) => !this.isFree(path));
    const isLocal = tree.kind(iterable) === Kind.Identifier;
    if (isLocal && this.isOwn(written)) return;
    if (shared === undefined && !(isLocal && this.isBoundBefore(written))) {
      if (/^[\w.]+$/.test(written) || !/\w\.\w/.test(written)) return;
    }
    if (written.includes("\n")) throw new Refusal("What it goes over is written in several lines.");
    const value = copies.test(written) ? written : `list(${written})`;
    this.capture(iterable, baseName(tree.source(shared ?? pathsIn(tree, [iterable])[0]!)), value);
  }

  private isFree(path: number): boolean {
    const { tree } = this;
    const sharing = sharingOf(tree, path);
    if (sharing === "settled") return true;
    // The thread that is joined, the pool that is shut down.
    if (sharing === "container") return this.isWaitedFor(path);
    if (sharing === "method") return !isCallee(tree, path);
    const [root, ...rest] = tree.source(path).split(".");
    return sharing === "own" && (rest.length === 0 || isCallee(tree, path) || !this.isBoundBefore(root!));
  }

  private isWaitedFor(path: number): boolean {
    const { node, finding } = this.place;
    const call = this.tree.parent(path);
    const isTold = /^(join|blocking-call)-/.test(finding.rule) && (call === node || path === node);
    return isTold && isCallee(this.tree, path);
  }

  /** A container that this call has made is nobody else's. */
  private isOwn(name: string): boolean {
    const { tree } = this;
    const made = [...executedNodes(tree, this.earlier)].filter(
      (node) => tree.kind(node) === Kind.Assignment && tree.source(tree.child(node, Field.Left)) === name,
    );
    return made.length > 0 && made.every((node) => isFresh(tree, tree.child(node, Field.Right)));
  }

  private isBoundBefore(name: string): boolean {
    return pathsIn(this.tree, this.earlier).some(
      (path) => isTarget(this.tree, path) && this.tree.source(path) === name,
    );
  }

  /** Other threads can replace it, but not change what a copy of the name stands for. */
  private isValue(written: string): boolean {
    const kind = kindOf(this.tree, written);
    return kind === undefined || kind === "number" || kind === "queue";
  }

  private isSelf(root: string): boolean {
    const fn = functionAround(this.tree, this.place.node);
    return isMethod(this.tree, fn) && parametersOf(this.tree, fn)[0] === root;
  }

  private capture(node: number, base: string, value: string): void {
    this.captureText(this.tree.start(node), this.tree.end(node), base, value);
  }

  private captureText(start: number, end: number, base: string, value: string): void {
    let name = this.names.get(value);
    if (name === undefined) {
      name = this.unused(base);
      this.names.set(value, name);
      this.lines.push(`${name} = ${value}`);
    }
    this.replacements.push({ start, end, newText: name });
  }

  private unused(base: string): string {
    const taken = [...this.names.values()];
    const isFree = (name: string) =>
      freshLocal(this.tree, name, this.place.node) === name && !taken.includes(name);
    if (!reserved.has(base) && isFree(base)) return base;
    let name = freshLocal(this.tree, `current_${base}`, this.place.node);
    for (let n = 2; taken.includes(name); n += 1)
      name = freshLocal(this.tree, `current_${base}_${n}`, this.place.node);
    return name;
  }
}

/** Words of the language, and builtins that a local name would hide. */
const reserved = new Set(
  "class def from import in is not lambda global pass raise return try while with yield async await type id list dict set map filter hash input open next iter all any sum min max format object len print range str int bytes".split(
    " ",
  ),
);

function isFresh(tree: CompactTree, value: number): boolean {
  switch (tree.kind(value)) {
    case Kind.List:
    case Kind.ListComprehension:
    case Kind.Set:
    case Kind.SetComprehension:
    case Kind.Tuple:
    case Kind.Dictionary:
    case Kind.DictionaryComprehension:
      return true;
    default:
      return copies.test(tree.source(value));
  }
}

function isCallee(tree: CompactTree, path: number): boolean {
  return tree.field(path) === Field.Function && tree.kind(tree.parent(path)) === Kind.Call;
}

/** `self._on_change` and `self._hooks.values` as names of locals. */
function baseName(path: string): string {
  const bare = path.replace(/\.(items|keys|values|copy|get)$/, "");
  return (
    lastName(bare)
      .replace(/^_+|_+$/g, "")
      .toLowerCase() || "value"
  );
}

/** What an expression gives: the thing itself or its copy keep its name. */
function nameFor(written: string, path: string): string {
  if (written === path || copies.test(written)) return baseName(path);
  return written.startsWith("len(") ? "count" : "value";
}

function singular(word: string): string {
  if (/ies$/.test(word)) return word.replace(/ies$/, "y");
  return /[^s]s$/.test(word) ? word.slice(0, -1) : `${word}_item`;
}
