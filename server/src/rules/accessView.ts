// What a rule sees of one access: the location, how it was reached, and the tests that led to it.
import type { Access, Context, FunctionFact } from "../facts/facts.ts";
import type { FileNode } from "../program/fileNode.ts";
import type { Location } from "../program/locations.ts";
import { mutates, writesBinding } from "../program/operations.ts";
import type { Guard } from "../program/races.ts";
import type { ObjectKind } from "../program/types.ts";

export class AccessView {
  private decisions: readonly Context[] | undefined;

  constructor(
    readonly file: FileNode,
    readonly index: number,
    readonly location: Location,
    /** Location of another access of the same file. */
    readonly locationOf: (file: FileNode, access: Access) => Location | undefined,
    readonly target: string,
    private readonly guardOf: (location: Location) => Guard | undefined,
    /** Locks that a function's own statements hold at a context. */
    readonly heldWithin: (file: FileNode, context: number) => readonly string[],
    private readonly text: string,
  ) {}

  get access(): Access {
    return this.file.facts.accesses[this.index]!;
  }
  get fn(): FunctionFact {
    return this.file.facts.functions[this.access.fn]!;
  }
  get symbol(): string {
    return symbolOf(this.location);
  }

  /** Whether the location is known to hold an object of one of these kinds. */
  holds(...kinds: readonly ObjectKind[]): boolean {
    const held = this.location.holding.kinds;
    for (const kind of kinds) if (held.has(kind)) return true;
    return false;
  }

  /** Whether the path goes through an object, so that a store gives that object an attribute of its own. */
  get isThroughInstance(): boolean {
    const { root } = this.file.place(this.access.place);
    return root === "self" || root === "local";
  }

  /** Whether it can be a container at all: known as one, or not known. */
  get maybeContainer(): boolean {
    const { kinds } = this.location.holding;
    return kinds.size === 0 || kinds.has("unknown") || this.isContainer;
  }
  get isContainer(): boolean {
    return this.holds(
      "list",
      "dict",
      "set",
      "deque",
      "defaultdict",
      "Counter",
      "OrderedDict",
      "weak",
      "bytearray",
      "array",
    );
  }

  /** Nothing says what it is, but it is subscripted like a container somewhere. */
  get isUsedAsContainer(): boolean {
    if (!this.maybeContainer) return false;
    for (const { file, access } of this.location.sites) {
      const { op } = file.facts.accesses[access]!;
      if (op === "item-store" || op === "item-delete" || op === "item-augment") return true;
    }
    return false;
  }

  /** Contexts around the access, innermost first. */
  *contexts(): Iterable<Context> {
    const { contexts } = this.file.facts;
    for (let at = this.access.context; at !== 0; at = contexts[at]!.parent) yield contexts[at]!;
  }

  /** The earlier access of the same location that decided to come here, nearest test first. */
  decidingAccess(accept: (earlier: Access, context: Context) => boolean): number | undefined {
    const { accesses } = this.file.facts;
    this.decisions ??= [...this.contexts()].filter(({ kind }) => kind === "test" || kind === "handler");
    for (const context of this.decisions) {
      const tested = Array.from({ length: context.to - context.from }, (_, i) => context.from + i);
      // A local name in the test stands for the read that gave it its value: the operation begins there. For what a
      // container holds, the test itself looks, under whatever name.
      const isOfBinding = this.access.op === "read" || writesBinding(this.access.op);
      const candidates = isOfBinding ? [...context.derived, ...tested] : [...tested, ...context.derived];
      for (const i of candidates) {
        const earlier = accesses[i];
        if (earlier === undefined || i >= this.index || !this.isSameLocation(earlier)) continue;
        if (accept(earlier, context)) return i;
      }
    }
    return undefined;
  }

  isSameLocation(other: Access): boolean {
    if (other.place === this.access.place) return true;
    // `other._level` and `self._level` are one location for sharing, and two attributes for a test.
    return this.location.kind !== "instance" && this.locationOf(this.file, other) === this.location;
  }

  /** Whether an exception of one of these names raised here is caught around the access. */
  catches(...names: readonly string[]): boolean {
    for (const context of this.contexts()) {
      if (context.kind !== "caught") continue;
      const caught = context.detail.split(",");
      if (caught.some((n) => names.includes(n) || n === "Exception" || n === "BaseException")) return true;
    }
    return false;
  }

  indexOf(access: Access): number {
    return this.file.facts.accesses.indexOf(access);
  }

  /** The lock that guards the location elsewhere. */
  get guard(): Guard | undefined {
    return this.guardOf(this.location);
  }

  /** Whether this function itself holds a lock at the access. */
  get isLocked(): boolean {
    return this.heldWithin(this.file, this.access.context).length > 0;
  }

  /** Whether the function releases a lock by hand: a flag set there says whether the lock is held. */
  get releasesLock(): boolean {
    return this.file.facts.accesses.some(
      (a) => a.fn === this.access.fn && a.op === "method" && a.detail === "release",
    );
  }

  /** Source text just before the access. */
  textBefore(length: number): string {
    return this.text.slice(Math.max(0, this.access.start - length), this.access.start);
  }

  /** Whether a lock is taken between an earlier access and this one. */
  isLockedSince(earlier: number): boolean {
    const before = this.heldWithin(this.file, this.file.facts.accesses[earlier]!.context).length;
    return this.heldWithin(this.file, this.access.context).length > before;
  }

  /** Whether both accesses hold the same lock, one after the other: computing twice is accepted then. */
  isLockedLike(earlier: number): boolean {
    const held = new Set(this.heldWithin(this.file, this.access.context));
    return this.heldWithin(this.file, this.file.facts.accesses[earlier]!.context).some((lock) =>
      held.has(lock),
    );
  }

  /** Whether a lock is taken after `earlier` and the location is looked at again under it. */
  isRecheckedBetween(earlier: number): boolean {
    if (!this.isLockedSince(earlier)) return false;
    const held = this.heldWithin(this.file, this.access.context);
    return this.siblings().some((other) => {
      const index = this.indexOf(other);
      if (index <= earlier || index >= this.index || mutates(other) || other.byLocalName) return false;
      return this.heldWithin(this.file, other.context).length >= held.length;
    });
  }

  /** Whether callers outside the module are meant to come here: a public function of a public class. */
  get isPublic(): boolean {
    const { name, owner } = this.fn;
    return !name.startsWith("_") && !(this.file.facts.classes[owner]?.name.startsWith("_") ?? false);
  }

  /** Whether the function gives the object at the location, or an element of it, to its caller. */
  get isHandedOut(): boolean {
    const here = this.file.place(this.access.place);
    const element = [...here.path, "[]"].join(".");
    return this.file.facts.accesses.some(({ fn, op, place }) => {
      if (fn !== this.access.fn || op !== "escape") return false;
      if (place === this.access.place) return true;
      const { root, owner, name, path } = this.file.place(place);
      return root === here.root && owner === here.owner && name === here.name && path.join(".") === element;
    });
  }

  /** Other accesses of the same function to the same location. */
  siblings(): Access[] {
    return this.location.sites
      .filter((site) => site.file === this.file)
      .map((site) => this.file.facts.accesses[site.access]!)
      .filter((other) => other.fn === this.access.fn && other !== this.access);
  }
}

/** The location as a reader of the code would write it. */
export function symbolOf(location: Location): string {
  const owner =
    location.cls === undefined ? undefined : location.cls.file.facts.classes[location.cls.index]!.name;
  switch (location.kind) {
    case "class":
      return `${owner}.${location.name}`;
    case "instance":
      return `self.${location.name}`;
    case "function":
      return `${location.file.facts.functions[location.fn]!.name}.${location.name}`;
    default:
      return location.name;
  }
}
