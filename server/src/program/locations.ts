// Shared locations: the variables and attributes that more than one thread could reach, whatever path leads
// there. Two access paths are the same location when they have the same key.
import type { Access, Binding, Place } from "../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import type { Holding } from "./holdings.ts";
import { isOfOneRequest } from "./requestProxies.ts";
import type { Resolver } from "./resolve.ts";
import { kindOfConstructor } from "./types.ts";

export type LocationKind = "global" | "class" | "instance" | "closure" | "default" | "function";

export interface Location {
  readonly key: string;
  readonly kind: LocationKind;
  readonly file: FileNode;
  /** The variable or attribute itself, without its path. */
  readonly name: string;
  /** For class and instance attributes. */
  readonly cls: Ref | undefined;
  /** Function that owns a closure cell, a default argument or a function attribute; else -1. */
  readonly fn: number;
  readonly holding: Holding;
  sites: Site[];
}

/** One access to a location, with the function it stands in. */
export interface Site {
  readonly file: FileNode;
  readonly access: number;
}

/** Bases that turn the annotated names of a class body into attributes of each object: msgspec, pydantic, SQLModel. */
const fieldBases =
  /^(msgspec\.Struct|pydantic\.BaseModel|pydantic_settings\.BaseSettings|sqlmodel\.SQLModel)$/;

const unknownHolding: Holding = { kinds: new Set(), classes: [] };

export class Locations {
  readonly all = new Map<string, Location>();
  /** Those that hold a lock and nothing else, by key: few, among tens of thousands. */
  readonly locks = new Map<string, Location>();

  constructor(private readonly resolver: Resolver) {}

  /** Drops the locations that live in these files; their accesses are linked again. */
  forget(files: ReadonlySet<FileNode>): void {
    for (const table of [this.all, this.locks]) {
      for (const [key, location] of table) if (files.has(location.file)) table.delete(key);
    }
  }

  /** The location an access path denotes, or undefined when it is not shared or not known. */
  of(file: FileNode, place: Place): Location | undefined {
    switch (place.root) {
      case "global":
        return this.ofGlobal(file, place);
      case "self":
        return this.ofAttribute({ file, index: place.owner }, place.path, "self");
      case "class":
        return this.ofAttribute({ file, index: place.owner }, place.path, "class");
      case "local":
        return this.ofLocal(file, place);
      case "call": {
        const held = this.resolver.holding(file, { ...place, path: [] });
        const cls = held?.classes[0];
        return cls === undefined || place.path.length === 0
          ? undefined
          : this.ofAttribute(cls, place.path, "class");
      }
      default:
        return undefined;
    }
  }

  private ofGlobal(file: FileNode, place: Place): Location | undefined {
    let entity = this.resolver.global(file, place.name);
    let path = place.path;
    while (entity?.kind === "module" && path.length > 0) {
      entity = this.resolver.global(entity.file, path[0]!);
      path = path.slice(1);
    }
    if (entity?.kind === "class")
      return path.length === 0 ? undefined : this.ofAttribute(entity.ref, path, "class");
    if (entity?.kind === "function") {
      if (path.length === 0 || path[0] === "[]") return undefined;
      const { file: home, index } = entity.ref;
      const name = path.join(".");
      return this.intern(`f${keyOf(home, index)}@${name}`, {
        kind: "function",
        file: home,
        name,
        cls: undefined,
        fn: index,
        holding: unknownHolding,
      });
    }
    if (entity?.kind === "external" && entity.name === "sys" && path.join(".") === "modules") {
      return this.intern("xsys.modules", {
        kind: "global",
        file,
        name: "sys.modules",
        cls: undefined,
        fn: -1,
        holding: { kinds: new Set(["dict"]), classes: [] },
      });
    }
    if (entity?.kind === "external" && path.length > 0 && !path.includes("[]")) {
      // An attribute of a module outside the program, such as a global that this file fills in there.
      const name = [entity.name, ...path].join(".");
      if (isOfOneRequest(name) || !this.isBound(file, place)) return undefined;
      return this.intern(`x${name}`, {
        kind: "global",
        file,
        name,
        cls: undefined,
        fn: -1,
        holding: unknownHolding,
      });
    }
    if (entity?.kind !== "variable") return undefined;
    const { file: home, name } = entity;
    const holding = this.resolver.variable(home, name);
    if (path.length > 0) {
      const cls = holding.classes[0];
      if (cls !== undefined) return this.ofAttribute(cls, path, "self");
      if (path.includes("[]") || holding.kinds.has("thread-local") || !this.isBound(file, place))
        return undefined;
      if (this.isPerRequest(home, name)) return undefined;
    }
    const full = [name, ...path].join(".");
    return this.intern(`g${home.id}:${full}`, {
      kind: "global",
      file: home,
      name: full,
      cls: undefined,
      fn: -1,
      holding: path.length === 0 ? holding : unknownHolding,
    });
  }

  /** Whether a variable is a second name for such a proxy: `current = cast(Request, flask.request)`. */
  private isPerRequest(file: FileNode, name: string): boolean {
    return file.bindingsOf("global", 0, name).some(({ value, source, place }) => {
      if (source < 0) return false;
      const { name: callee, path } = file.place(source);
      const isCast = value === "call" && (path.at(-1) ?? callee) === "cast";
      const cast = isCast ? file.facts.calls.find(({ result }) => result === place) : undefined;
      const named = value === "place" ? source : (cast?.args[1]?.place ?? -1);
      const entity = named < 0 ? undefined : this.resolver.path(file, file.place(named));
      return entity?.kind === "external" && isOfOneRequest(entity.name);
    });
  }

  private isBound(file: FileNode, place: Place): boolean {
    const written = place.path.join(".");
    return file.facts.bindings.some((b) => {
      const bound = file.place(b.place);
      return bound.root === "global" && bound.name === place.name && bound.path.join(".") === written;
    });
  }

  private ofAttribute(cls: Ref, path: readonly string[], root: "self" | "class"): Location | undefined {
    const [name, ...rest] = path;
    if (name === undefined || name === "[]") return undefined;
    if (rest.length > 0) {
      const inner = this.resolver.attribute(cls, name).classes[0];
      if (inner !== undefined) return this.ofAttribute(inner, rest, "self");
      if (rest.includes("[]") || this.resolver.attribute(cls, name).kinds.has("thread-local"))
        return undefined;
    }
    const method = rest.length === 0 ? this.resolver.method(cls, name) : undefined;
    if (method !== undefined) {
      // A method or property; its own accesses are looked at where it is defined.
      if (this.resolver.attributeBindings(cls, name).length === 0) return undefined;
      if (this.usesThreadLocal(cls, method)) return undefined;
    }
    if (root === "self" && this.isThreadLocal(cls)) return undefined;
    const owner = this.resolver.attributeOwner(cls, name);
    const full = [name, ...rest].join(".");
    const key = `a${keyOf(owner.file, owner.index)}@${full}`;
    const known = this.all.get(key);
    if (known !== undefined) return known;
    return this.intern(key, {
      kind:
        rest.length === 0 &&
        (this.isClassLevel(owner, name) || (root === "class" && this.isUnbound(owner, name)))
          ? this.attributeKind(owner, name)
          : "instance",
      file: owner.file,
      name: full,
      cls: owner,
      fn: -1,
      holding: rest.length === 0 ? this.resolver.attribute(cls, name) : unknownHolding,
    });
  }

  /** Objects of a subclass of threading.local look different to each thread. */
  private isThreadLocal(cls: Ref): boolean {
    return this.resolver.externalBases(cls).some((base) => kindOfConstructor(base) === "thread-local");
  }

  /** A property that keeps its value in a `threading.local` of the object. */
  private usesThreadLocal(cls: Ref, { file, index }: Ref): boolean {
    return file.facts.accesses.some(({ fn, place }) => {
      if (fn !== index) return false;
      const { root, path } = file.place(place);
      if (root !== "self" || path[0] === undefined) return false;
      return this.resolver.attribute(cls, path[0]).kinds.has("thread-local");
    });
  }

  private isClassLevel(cls: Ref, name: string): boolean {
    return this.resolver.attributeBindings(cls, name).some((binding) => {
      if (cls.file.place(binding.place).root !== "class") return false;
      if (/\bClassVar\b/.test(binding.annotation)) return true;
      // A bare annotation binds nothing, and the fields that decorators and bases make of annotations are the instances'.
      return (
        binding.value !== "annotation" &&
        !(binding.annotation !== "" && this.hasFields(cls)) &&
        !this.isField(cls, binding)
      );
    });
  }

  private isUnbound(cls: Ref, name: string): boolean {
    return this.resolver.attributeBindings(cls, name).length === 0;
  }

  private hasFields(cls: Ref): boolean {
    if (this.resolver.externalBases(cls).some((base) => fieldBases.test(base))) return true;
    return cls.file.facts.classes[cls.index]!.decorators.some((decorator) => {
      if (decorator < 0) return false;
      const { name, path } = cls.file.place(decorator);
      return /^(dataclass|define|mutable|frozen|attrs?|s)$/.test(path.at(-1) ?? name);
    });
  }

  /** `x = field(…)`, `x = attr.ib()`: a description of an attribute, not the attribute. */
  private isField(cls: Ref, binding: Binding): boolean {
    if (binding.value !== "call" || binding.source < 0) return false;
    const { name, path } = cls.file.place(binding.source);
    return /^(field|ib|attrib|Field)$/.test(path.at(-1) ?? name);
  }

  /** An attribute is the class's as long as no instance binds one of its own over it. */
  private attributeKind(cls: Ref, name: string): LocationKind {
    const bindings = this.resolver.attributeBindings(cls, name);
    return bindings.some((b) => cls.file.place(b.place).root === "self") ? "instance" : "class";
  }

  private ofLocal(file: FileNode, place: Place): Location | undefined {
    if (place.path.length > 0) {
      const cls = this.resolver.local(file, place).classes[0];
      return cls === undefined ? undefined : this.ofAttribute(cls, place.path, "self");
    }
    const fn = file.facts.functions[place.owner];
    if (fn === undefined || place.owner === 0) return undefined;
    const isDefault = fn.mutableDefaults.includes(place.name);
    return this.intern(`${isDefault ? "d" : "c"}${keyOf(file, place.owner)}:${place.name}`, {
      kind: isDefault ? "default" : "closure",
      file,
      name: place.name,
      cls: undefined,
      fn: place.owner,
      holding: this.resolver.local(file, place),
    });
  }

  private intern(key: string, fields: Omit<Location, "key" | "sites">): Location {
    let location = this.all.get(key);
    if (location === undefined) {
      location = { ...fields, key, sites: [] };
      this.all.set(key, location);
      const { kinds } = location.holding;
      if (kinds.size === 1 && (kinds.has("lock") || kinds.has("rlock"))) this.locks.set(key, location);
    }
    return location;
  }
}

export function accessOf(site: Site): Access {
  return site.file.facts.accesses[site.access]!;
}
