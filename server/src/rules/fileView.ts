// What a rule about a whole file sees: calls with the locks held around them, and what the callees take.
import type { Access, Call } from "../facts/facts.ts";
import type { TargetVersion } from "../findings/options.ts";
import { type FileNode, keyOf, type Ref } from "../program/fileNode.ts";
import type { LockKey } from "../program/locksets.ts";
import type { Program } from "../program/program.ts";
import type { Entity } from "../program/resolve.ts";
import type { ObjectKind } from "../program/types.ts";

/** How deep calls are followed to see which locks they take. */
const deepestCall = 4;

/** The special method behind an operator. */
const operators: Readonly<Record<string, string>> = {
  "item-read": "__getitem__",
  "item-store": "__setitem__",
  "item-augment": "__setitem__",
  "item-delete": "__delitem__",
  contains: "__contains__",
  length: "__len__",
  iterate: "__iter__",
};

export class FileView {
  constructor(
    readonly file: FileNode,
    readonly program: Program,
    readonly target: TargetVersion,
  ) {}

  /** Innermost lock context around a call or access, with the lock's key, or undefined. */
  *locksAround(
    context: number,
  ): Iterable<{ key: LockKey; start: number; kinds: ReadonlySet<ObjectKind>; text: string }> {
    const { contexts } = this.file.facts;
    for (let at = context; at !== 0; at = contexts[at]!.parent) {
      const { kind, place, detail, start } = contexts[at]!;
      if (kind !== "lock" || detail === "async") continue;
      const path = this.file.place(place);
      const key = this.program.locksets.identity(this.file, path);
      if (key === undefined) continue;
      const kinds = this.program.resolver.holding(this.file, path)?.kinds ?? new Set();
      const first = path.root === "self" ? "self" : path.root === "class" ? "cls" : path.name;
      const name = [first, ...path.path];
      yield { key, start, kinds, text: name.join(".") };
    }
  }

  /** What a call calls, by name or by reference. */
  entity(call: Call): Entity | undefined {
    return call.callee < 0 ? undefined : this.program.resolver.path(this.file, this.file.place(call.callee));
  }

  /** The function of the program that a call runs. */
  callee(call: Call): Ref | undefined {
    const entity = this.entity(call);
    return entity?.kind === "function" || entity?.kind === "method" ? entity.ref : undefined;
  }

  /** The special method that an operator on `self` runs: `self[key]`. */
  operatorMethod(access: Access): Ref | undefined {
    const place = this.file.place(access.place);
    const method = operators[access.op];
    if (method === undefined || place.root !== "self" || place.path.length > 0) return undefined;
    return this.program.resolver.method({ file: this.file, index: place.owner }, method);
  }

  /** Where a function, or one that it calls, takes the lock; undefined when it does not. */
  takes(
    fn: Ref,
    lock: LockKey,
    depth = 0,
    seen = new Set<number>(),
  ): { file: FileNode; start: number } | undefined {
    const key = keyOf(fn.file, fn.index);
    if (depth > deepestCall || seen.has(key)) return undefined;
    seen.add(key);
    const { contexts } = fn.file.facts;
    for (const context of contexts) {
      if (context.kind !== "lock" || context.fn !== fn.index || context.detail === "async") continue;
      if (context.detail === "") continue; // `if lock.acquire(timeout=…):` gives up instead of waiting for ever
      if (this.program.locksets.identity(fn.file, fn.file.place(context.place)) === lock) {
        return { file: fn.file, start: context.start };
      }
    }
    for (const { fn: next, site } of this.program.callGraph.calleesOf(key)) {
      if (isAfterTry(site.file, site.call.context)) continue;
      const found = this.takes(next, lock, depth + 1, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  nameOf(fn: Ref): string {
    return fn.file.facts.functions[fn.index]!.qualifiedName;
  }
}

/** Whether the code goes this way only when a lock could be had without waiting, or was found free. */
function isAfterTry(file: FileNode, context: number): boolean {
  const { contexts } = file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test" && /\.(acquire|locked|_is_owned)\(/.test(contexts[at]!.detail))
      return true;
  }
  return false;
}
