// What a rule about a whole file sees: calls with the locks held around them, and what the callees take.
import type { Access, Argument, Call, Place } from "../facts/facts.ts";
import type { TargetVersion } from "../findings/options.ts";
import { type FileNode, keyOf, type Ref, textOfPlace } from "../program/fileNode.ts";
import type { Holding } from "../program/holdings.ts";
import type { Intent } from "../program/intent.ts";
import { isAfterTry } from "../program/lockOrder.ts";
import type { LockKey } from "../program/locksets.ts";
import { append } from "../program/multimap.ts";
import type { Program } from "../program/program.ts";
import type { RaceFinder } from "../program/races.ts";
import type { Entity } from "../program/resolve.ts";
import type { ObjectKind } from "../program/types.ts";
import { type Reach, threadReach } from "./threadReach.ts";

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
  private calls: Map<string, Call[]> | undefined;
  private places: Map<string, number[]> | undefined;
  private aliases: Map<string, string[]> | undefined;
  private underLock: readonly boolean[] | undefined;
  private readonly reaches = new Map<number, Reach | undefined>();

  constructor(
    readonly file: FileNode,
    readonly program: Program,
    readonly target: TargetVersion,
    readonly intent: Intent,
    readonly races: RaceFinder,
    /** The file's text, for rules that quote from it; facts come first. */
    readonly text: string,
  ) {}

  /** Calls whose callee's last name is one of these, in order of names, then of position: `x.y.acquire(…)` for `acquire`. */
  callsNamed(...names: readonly string[]): readonly Call[] {
    this.calls ??= callsByLastName(this.file);
    return gather(this.calls, names);
  }

  /** Calls of functions and classes outside the program by qualified name, `os.chdir`, under whatever alias. */
  callsTo(...names: readonly string[]): readonly Call[] {
    this.calls ??= callsByLastName(this.file);
    const candidates = gather(this.calls, this.spellings(names));
    if (candidates.length === 0) return candidates;
    return candidates.filter(({ callee }) => names.includes(this.externalName(callee) ?? ""));
  }

  /** Accesses whose place's last name is one of these, in order: `self.x.y[…] = …` for `y`. Most files have none. */
  accessesNamed(...names: readonly string[]): readonly Access[] {
    this.places ??= placesByLastName(this.file);
    const wanted = gather(this.places, names);
    if (wanted.length === 0) return [];
    return this.file.facts.accesses.filter(({ place }) => wanted.includes(place));
  }

  /** Accesses to variables outside the program by qualified name: `os.environ`, `sys.stdout`. */
  accessesTo(...names: readonly string[]): readonly Access[] {
    const candidates = this.accessesNamed(...this.spellings(names));
    if (candidates.length === 0) return candidates;
    return candidates.filter(({ place }) => names.includes(this.externalName(place) ?? ""));
  }

  /** The last names of these, and what the file's imports call them. */
  private spellings(names: readonly string[]): readonly string[] {
    this.aliases ??= renamedImports(this.file);
    const last = lastNamesOf(names);
    if (this.aliases.size === 0) return last;
    const renamed = last.flatMap((name) => this.aliases!.get(name) ?? []);
    return renamed.length === 0 ? last : [...new Set([...last, ...renamed])];
  }

  /** Qualified name of what a place denotes outside the program, builtins without a module; undefined for others. */
  externalName(place: number): string | undefined {
    const at = this.file.place(place);
    const entity = this.program.resolver.path(this.file, at);
    if (entity?.kind === "external") return entity.name;
    const isBuiltin = entity === undefined && at.root === "global" && !this.file.globals.has(at.name);
    return isBuiltin && !this.file.importsByName.has(at.name) ? [at.name, ...at.path].join(".") : undefined;
  }

  /** How threads get to a function, undefined for what only import, a script or `main` runs. */
  reach(fn: number): Reach | undefined {
    if (!this.reaches.has(fn)) {
      this.reaches.set(fn, threadReach(this.program, this.intent, this.file, fn));
    }
    return this.reaches.get(fn);
  }

  /** What a place may hold: a lock, a queue, an object of a class of the program. */
  holding(place: number): Holding | undefined {
    return place < 0 ? undefined : this.program.resolver.holding(this.file, this.file.place(place));
  }

  /** The place of `x` in a call of `x.method()`; undefined for plain functions. */
  receiver(call: Call): Place | undefined {
    if (call.callee < 0) return undefined;
    const callee = this.file.place(call.callee);
    return callee.path.length === 0 ? undefined : { ...callee, path: callee.path.slice(0, -1) };
  }

  /** A place as the programmer wrote it: `self._lock`. */
  textOf(place: Place): string {
    return textOfPlace(place);
  }

  /** A call's argument by keyword or position. */
  argument(call: Call, keyword: string, position: number): Argument | undefined {
    return (
      call.args.find((a) => a.keyword === keyword) ?? call.args.filter((a) => a.keyword === "")[position]
    );
  }

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
      yield { key, start, kinds, text: this.textOf(path) };
    }
  }

  /** Whether a context lies inside a lock's, of whatever kind: the cheap question before `locksAround`. */
  isUnderLock(context: number): boolean {
    if (this.underLock === undefined) {
      const under: boolean[] = [];
      for (const { kind, parent } of this.file.facts.contexts)
        under.push(kind === "lock" || under[parent] === true);
      this.underLock = under;
    }
    return this.underLock[context]!;
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

/** Last names of qualified ones, each once. Asked by every rule for every file: most of them get nothing back. */
function lastNamesOf(names: readonly string[]): string[] {
  const last: string[] = [];
  for (const name of names) {
    const tail = name.slice(name.lastIndexOf(".") + 1);
    if (!last.includes(tail)) last.push(tail);
  }
  return last;
}

function gather<T>(groups: ReadonlyMap<string, readonly T[]>, names: readonly string[]): readonly T[] {
  let found: readonly T[] = [];
  for (const name of names) {
    const group = groups.get(name);
    if (group !== undefined) found = found.length === 0 ? group : [...found, ...group];
  }
  return found;
}

/** What imports call a name, where it is not the name itself: `from os import environ as env`. */
function renamedImports(file: FileNode): Map<string, string[]> {
  const renamed = new Map<string, string[]>();
  for (const { local, name } of file.facts.imports) {
    if (name === "" || name === local) continue;
    renamed.set(name, [...(renamed.get(name) ?? []), local]);
  }
  return renamed;
}

/** Calls by the last name of their callee. */
function callsByLastName(file: FileNode): Map<string, Call[]> {
  const groups = new Map<string, Call[]>();
  for (const call of file.facts.calls) {
    if (call.callee >= 0) append(groups, lastNameOf(file.place(call.callee)), call);
  }
  return groups;
}

function placesByLastName(file: FileNode): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  file.facts.places.forEach((place, index) => {
    append(groups, lastNameOf(place), index);
  });
  return groups;
}

function lastNameOf({ name, path }: Place): string {
  return path.length === 0 ? name : path[path.length - 1]!;
}
