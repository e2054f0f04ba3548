// The declarations of all files, tied to the locations, classes, functions and locks that they mean.

import type { Place } from "../facts/facts.ts";
import { nearest } from "../findings/nearest.ts";
import type { GuardDeclaration, Span } from "./declarations.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import type { Location } from "./locations.ts";
import type { LockKey } from "./locksets.ts";
import type { Program } from "./program.ts";

/** A lock as a declaration names it. */
export interface DeclaredLock {
  readonly key: LockKey;
  /** As code in the owner's methods writes it: `self._lock`, `_lock`. */
  readonly text: string;
  readonly file: FileNode;
  /** Where the declaration stands. */
  readonly span: Span;
}

/** A place where only one thread may come. */
export interface Confinement {
  readonly file: FileNode;
  readonly span: Span;
}

/** A declaration that cannot be followed, and why. */
export interface DeclarationFault extends Span {
  readonly name: string;
  readonly message: string;
}

export class Annotations {
  private readonly guards = new Map<string, DeclaredLock>();
  private readonly confined = new Map<string, Confinement>();
  private readonly confinedClasses = new Map<number, Confinement>();
  private readonly held = new Map<number, DeclaredLock[]>();
  private readonly faults = new Map<FileNode, DeclarationFault[]>();

  constructor(private readonly program: Program) {
    for (const file of program.files.values()) {
      const { guards, confinements, holds } = file.declarations;
      for (const guard of guards) this.addGuard(file, guard);
      for (const { cls, targets, ...span } of confinements) {
        if (cls >= 0) this.confinedClasses.set(keyOf(file, cls), { file, span });
        else if (targets.length === 0) this.addFault(file, span, "thread-confined", atNothing);
        for (const { place } of targets) {
          const location = program.locations.of(file, file.place(place));
          if (location !== undefined) this.confined.set(location.key, { file, span });
        }
      }
      for (const { fn, lock, ...span } of holds) {
        if (fn < 0)
          this.addFault(
            file,
            span,
            lock,
            "This comment stands at no function; it belongs on the line of a `def`.",
          );
        else this.addHeld({ file, index: fn }, lock, span);
      }
    }
  }

  /** The lock that a location is declared to be guarded by. */
  guardOf(location: Location): DeclaredLock | undefined {
    return this.guards.size === 0 ? undefined : this.guards.get(location.key);
  }

  /** Whether any file of the program confines data to a thread. */
  get confinesAny(): boolean {
    return this.confined.size + this.confinedClasses.size > 0;
  }

  /** Whether any data of the program is declared to be guarded. */
  get guardsAny(): boolean {
    return this.guards.size > 0;
  }

  /** Whether any function of the program expects its callers to hold a lock. */
  get expectsAnyLock(): boolean {
    return this.held.size > 0;
  }

  /** The declaration that one thread alone uses a location. */
  confinementOf({ key, kind, cls }: Location): Confinement | undefined {
    const own = this.confined.size === 0 ? undefined : this.confined.get(key);
    if (own !== undefined || kind !== "instance" || cls === undefined) return own;
    return this.confinedClasses.size === 0 ? undefined : this.confinedClasses.get(keyOf(cls.file, cls.index));
  }

  /** The locks that a function declares its callers to hold. */
  heldBy(fn: Ref): readonly DeclaredLock[] {
    return this.held.size === 0 ? [] : (this.held.get(keyOf(fn.file, fn.index)) ?? []);
  }

  /** Declarations of a file that cannot be followed. */
  faultsIn(file: FileNode): readonly DeclarationFault[] {
    return this.faults.get(file) ?? [];
  }

  private addGuard(file: FileNode, { lock, targets, ...span }: GuardDeclaration): void {
    const [target] = targets;
    if (target === undefined) {
      this.addFault(file, span, lock, atNothing);
      return;
    }
    const place = file.place(target.place);
    const declared = this.lockNamed(file, place.root === "global" ? -1 : place.owner, lock, span);
    if (declared === undefined) return;
    for (const { place: bound } of targets) {
      const location = this.program.locations.of(file, file.place(bound));
      if (location !== undefined && !this.guards.has(location.key)) this.guards.set(location.key, declared);
    }
  }

  private addHeld({ file, index }: Ref, lock: string, span: Span): void {
    const declared = this.lockNamed(file, ownerOf(file, index), lock, span);
    if (declared === undefined) return;
    const key = keyOf(file, index);
    this.held.set(key, [...(this.held.get(key) ?? []), declared]);
  }

  /** Notes a fault and returns undefined when there is no such lock. */
  private lockNamed(file: FileNode, owner: number, lock: string, span: Span): DeclaredLock | undefined {
    const place = this.placeNamed(file, owner, lock);
    if (place === undefined) {
      const names = this.lockNames(file, owner);
      const meant = nearest(lock.replace(/^(self|cls)\./, ""), names);
      const guess = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
      this.addFault(file, span, lock, `There is no \`${lock}\` here, so nothing is checked.${guess}`);
      return undefined;
    }
    const key = this.program.locksets.identity(file, place);
    if (key === undefined) {
      this.addFault(file, span, lock, `\`${lock}\` is no lock, so nothing is checked.`);
      return undefined;
    }
    const text = [place.root === "self" ? "self" : place.name, ...place.path].join(".");
    return { key, text, file, span };
  }

  /** What a lock's name means at a member of a class (or, with owner -1, at the top level). */
  private placeNamed(file: FileNode, owner: number, lock: string): Place | undefined {
    const { resolver } = this.program;
    const [first = "", ...rest] = lock.split(".");
    if (owner >= 0) {
      const cls = { file, index: owner };
      const isExplicit = first === "self" || first === "cls";
      const path = isExplicit ? rest : [first, ...rest];
      const isBound = resolver
        .lineage(cls)
        .some((ref) => resolver.attributeBindings(ref, path[0] ?? "").length > 0);
      // A base outside the program may make the lock.
      const isInherited =
        isExplicit && path.length > 0 && resolver.externalBases(cls).some((base) => base !== "object");
      if (isBound || isInherited) return { root: "self", owner, name: "", path };
    }
    return resolver.global(file, first) === undefined
      ? undefined
      : { root: "global", owner: 0, name: first, path: rest };
  }

  /** Names of the locks that could have been meant. */
  private lockNames(file: FileNode, owner: number): string[] {
    const names = file.facts.bindings.flatMap(({ place }) => {
      const { root, owner: of, name, path } = file.place(place);
      if (root === "global" && path.length === 0) return [name];
      return (root === "self" || root === "class") && of === owner && path.length === 1 ? [path[0]!] : [];
    });
    return [...new Set(names)].filter((name) => {
      const place = this.placeNamed(file, owner, name);
      return place !== undefined && this.program.locksets.identity(file, place) !== undefined;
    });
  }

  private addFault(file: FileNode, { start, end }: Span, name: string, message: string): void {
    const list = this.faults.get(file);
    if (list === undefined) this.faults.set(file, [{ start, end, name, message }]);
    else list.push({ start, end, name, message });
  }
}

const atNothing =
  "This comment stands at no assignment to an attribute or a module variable, so nothing is checked.";

/** The class of the method that a function is or stands in, else -1. */
function ownerOf(file: FileNode, fn: number): number {
  for (let at = fn; at > 0; at = file.facts.functions[at]!.parent) {
    const { owner } = file.facts.functions[at]!;
    if (owner >= 0) return owner;
  }
  return -1;
}
