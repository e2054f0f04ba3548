// Says what an access path denotes anywhere in the program: a module, a function, a class, a variable or an
// object of a known kind.
import type { Binding, ImportFact, Place } from "../facts/facts.ts";
import type { FileNode, Ref } from "./fileNode.ts";
import { type Holding, holdingOf } from "./holdings.ts";
import type { ModuleIndex } from "./modules.ts";
import { knownModules, type ObjectKind } from "./types.ts";

export type Entity =
  | { readonly kind: "module"; readonly file: FileNode }
  | { readonly kind: "function"; readonly ref: Ref }
  | { readonly kind: "class"; readonly ref: Ref }
  | { readonly kind: "variable"; readonly file: FileNode; readonly name: string }
  /** Something outside the program by its qualified name, `threading.Thread`. */
  | { readonly kind: "external"; readonly name: string }
  /** A method of an object of a known class. */
  | { readonly kind: "method"; readonly ref: Ref; readonly receiver: Ref };

/** What has been found out about one file's names. */
class Memo {
  readonly globals = new Map<string, Entity | undefined>();
  readonly variables = new Map<string, Holding>();
  readonly attributes = new Map<string, Holding>();
  readonly attributeOwners = new Map<string, Ref>();
  readonly lineages = new Map<number, readonly Ref[]>();
  readonly locals = new Map<string, Holding>();
  classAttributes: Map<string, Binding[]> | undefined;
}

const nothing: Holding = { kinds: new Set(), classes: [] };
const deepestAlias = 12;

export class Resolver {
  private readonly memos = new Map<number, Memo>();

  constructor(
    private readonly files: ReadonlyMap<string, FileNode>,
    private readonly modules: ModuleIndex,
  ) {}

  /** Drops what is known about a file: its names, its variables and its classes. */
  forget(file: FileNode): void {
    this.memos.delete(file.id);
  }

  private memo(file: FileNode): Memo {
    let memo = this.memos.get(file.id);
    if (memo === undefined) {
      memo = new Memo();
      this.memos.set(file.id, memo);
    }
    return memo;
  }

  /** What a module-level name means; undefined for builtins and unknown names. */
  global(file: FileNode, name: string, depth = 0): Entity | undefined {
    const table = this.memo(file).globals;
    if (table.has(name)) return table.get(name);
    if (depth > deepestAlias) return undefined;
    const entity = this.findGlobal(file, name, depth);
    table.set(name, entity);
    return entity;
  }

  private findGlobal(file: FileNode, name: string, depth: number): Entity | undefined {
    const cls = file.classesByName.get(name);
    if (cls !== undefined) return { kind: "class", ref: { file, index: cls } };
    const fn = file.functionsByName.get(name);
    if (fn !== undefined) return { kind: "function", ref: { file, index: fn } };
    const imported = file.importsByName.get(name);
    if (imported !== undefined) return this.imported(file, imported, depth);
    if (file.globals.has(name)) return { kind: "variable", file, name };
    for (const star of file.starImports) {
      const from = this.module(file, star.module, star.level);
      const member =
        from?.kind === "module" && from.file !== file ? this.global(from.file, name, depth + 1) : undefined;
      if (member !== undefined) return member;
    }
    return undefined;
  }

  private imported(file: FileNode, item: ImportFact, depth: number): Entity | undefined {
    if (item.name === "") {
      const module = item.bindsRoot ? item.module.split(".")[0]! : item.module;
      return this.module(file, module, item.level) ?? { kind: "external", name: module };
    }
    const from = this.module(file, item.module, item.level);
    const submodule = item.module === "" ? item.name : `${item.module}.${item.name}`;
    if (from === undefined) {
      return this.module(file, submodule, item.level) ?? { kind: "external", name: submodule };
    }
    return this.global(from.file, item.name, depth + 1) ?? this.module(file, submodule, item.level);
  }

  private module(
    from: FileNode,
    name: string,
    level: number,
  ): Extract<Entity, { kind: "module" }> | undefined {
    if (level === 0 && knownModules.has(name)) return undefined;
    const path = this.modules.find(from.path, name, level);
    const file = path === undefined ? undefined : this.files.get(path);
    return file === undefined ? undefined : { kind: "module", file };
  }

  /** The class and its bases within the program, nearest first. */
  lineage(ref: Ref): readonly Ref[] {
    const { lineages } = this.memo(ref.file);
    const known = lineages.get(ref.index);
    if (known !== undefined) return known;
    lineages.set(ref.index, [ref]); // cuts cycles
    const list = [ref];
    for (const base of ref.file.facts.classes[ref.index]!.bases) {
      const entity = base < 0 ? undefined : this.path(ref.file, ref.file.place(base));
      if (entity?.kind !== "class") continue;
      for (const above of this.lineage(entity.ref)) {
        if (!list.some((r) => r.file === above.file && r.index === above.index)) list.push(above);
      }
    }
    lineages.set(ref.index, list);
    return list;
  }

  /** Qualified names of all bases outside the program. */
  externalBases(ref: Ref): string[] {
    return this.lineage(ref).flatMap((cls) =>
      cls.file.facts.classes[cls.index]!.bases.flatMap((base) => {
        const entity = base < 0 ? undefined : this.path(cls.file, cls.file.place(base));
        if (entity?.kind === "external") return [entity.name];
        return entity === undefined && base >= 0 ? [cls.file.place(base).name] : [];
      }),
    );
  }

  method(cls: Ref, name: string): Ref | undefined {
    for (const ref of this.lineage(cls)) {
      const index = ref.file.methods[ref.index]!.get(name);
      if (index !== undefined) return { file: ref.file, index };
    }
    return undefined;
  }

  /** The class that an attribute belongs to: the farthest base that binds it, else the class itself. */
  attributeOwner(cls: Ref, name: string): Ref {
    const { attributeOwners } = this.memo(cls.file);
    const key = `${cls.index}.${name}`;
    let owner = attributeOwners.get(key);
    if (owner === undefined) {
      owner = cls;
      for (const ref of this.lineage(cls)) if (this.attributeBindings(ref, name).length > 0) owner = ref;
      attributeOwners.set(key, owner);
    }
    return owner;
  }

  /** Bindings of `self.name` and of `name` in the class body, in this class alone. */
  attributeBindings(cls: Ref, name: string): readonly Binding[] {
    const memo = this.memo(cls.file);
    let table = memo.classAttributes;
    if (table === undefined) {
      table = new Map();
      for (const binding of cls.file.facts.bindings) {
        const { root, owner, path } = cls.file.place(binding.place);
        if ((root !== "self" && root !== "class") || path.length !== 1) continue;
        const at = `${owner}.${path[0]}`;
        const list = table.get(at);
        if (list === undefined) table.set(at, [binding]);
        else list.push(binding);
      }
      memo.classAttributes = table;
    }
    return table.get(`${cls.index}.${name}`) ?? [];
  }

  /** What a module variable holds. */
  variable(file: FileNode, name: string): Holding {
    const { variables } = this.memo(file);
    let holding = variables.get(name);
    if (holding === undefined) {
      variables.set(name, nothing); // cuts cycles
      holding = holdingOf(this, file, file.bindingsOf("global", 0, name));
      variables.set(name, holding);
    }
    return holding;
  }

  /** What an attribute of a class or of its instances holds. */
  attribute(cls: Ref, name: string): Holding {
    const { attributes } = this.memo(cls.file);
    const key = `${cls.index}.${name}`;
    const known = attributes.get(key);
    if (known !== undefined) return known;
    attributes.set(key, nothing); // cuts cycles
    const kinds = new Set<ObjectKind>();
    const classes: Ref[] = [];
    // Subclasses may bind it too, but the owner and its relatives above say enough.
    for (const ref of this.lineage(cls)) {
      const held = holdingOf(this, ref.file, this.attributeBindings(ref, name));
      for (const kind of held.kinds) kinds.add(kind);
      classes.push(...held.classes);
    }
    const result = { kinds, classes };
    attributes.set(key, result);
    return result;
  }

  /** What a local variable holds. */
  local(file: FileNode, place: Place): Holding {
    const table = this.memo(file).locals;
    const key = `${place.owner}/${place.name}`;
    let holding = table.get(key);
    if (holding === undefined) {
      table.set(key, nothing); // cuts cycles
      holding = holdingOf(this, file, file.bindingsOf("local", place.owner, place.name));
      table.set(key, holding);
    }
    return holding;
  }

  /** Drops what is known of a file's local variables, which an edit can change without any other file noticing. */
  forgetLocals(file: FileNode): void {
    this.memo(file).locals.clear();
  }

  /** What the object at an access path may be; undefined when nothing is known. */
  holding(file: FileNode, place: Place): Holding | undefined {
    const base = this.rootHolding(file, place);
    if (base === undefined) return undefined;
    let held = base.holding;
    for (const name of base.rest) {
      const cls = held.classes[0];
      if (cls === undefined || name === "[]") return undefined;
      held = this.attribute(cls, name);
    }
    return held;
  }

  private rootHolding(
    file: FileNode,
    place: Place,
  ): { holding: Holding; rest: readonly string[] } | undefined {
    switch (place.root) {
      case "self":
      case "class":
        return {
          holding: { kinds: new Set(["instance"]), classes: [{ file, index: place.owner }] },
          rest: place.path,
        };
      case "local":
        return { holding: this.local(file, place), rest: place.path };
      case "global": {
        let entity = this.global(file, place.name);
        let used = 0;
        while (entity?.kind === "module" && used < place.path.length) {
          entity = this.global(entity.file, place.path[used]!);
          used += 1;
        }
        if (entity?.kind === "variable") {
          return { holding: this.variable(entity.file, entity.name), rest: place.path.slice(used) };
        }
        if (entity?.kind === "class") {
          return {
            holding: { kinds: new Set(["instance"]), classes: [entity.ref] },
            rest: place.path.slice(used),
          };
        }
        return undefined;
      }
      case "call": {
        const entity = this.path(file, file.place(place.owner));
        if (entity?.kind !== "class") return undefined;
        return { holding: { kinds: new Set(["instance"]), classes: [entity.ref] }, rest: place.path };
      }
      default:
        return undefined;
    }
  }

  /** What an access path names: for callees, decorators and bases. */
  path(file: FileNode, place: Place): Entity | undefined {
    switch (place.root) {
      case "global": {
        let entity = this.global(file, place.name);
        for (const name of place.path) entity = entity === undefined ? undefined : this.step(entity, name);
        return entity;
      }
      case "self":
      case "class":
        return this.throughClass({ file, index: place.owner }, place.path);
      case "super": {
        const name = place.path[0];
        const above = name === undefined ? [] : this.lineage({ file, index: place.owner }).slice(1);
        for (const ref of above) {
          const index = ref.file.methods[ref.index]!.get(name!);
          if (index !== undefined) return { kind: "method", ref: { file: ref.file, index }, receiver: ref };
        }
        return undefined;
      }
      case "local": {
        if (place.path.length === 0) {
          const index = file.nestedFunction(place.owner, place.name);
          if (index !== undefined) return { kind: "function", ref: { file, index } };
          const cls = file.nestedClass(place.owner, place.name);
          if (cls !== undefined) return { kind: "class", ref: { file, index: cls } };
          return this.localImport(file, place);
        }
        const imported = this.localImport(file, place);
        if (imported !== undefined) {
          let entity: Entity | undefined = imported;
          for (const name of place.path) entity = entity === undefined ? undefined : this.step(entity, name);
          return entity;
        }
        const cls = this.local(file, place).classes[0];
        return cls === undefined ? undefined : this.throughClass(cls, place.path);
      }
      case "call": {
        const entity = this.path(file, file.place(place.owner));
        if (entity?.kind === "class" && place.path.length > 0)
          return this.throughClass(entity.ref, place.path);
        return undefined;
      }
      default:
        return undefined;
    }
  }

  /** `import x` inside a function binds a local name. */
  private localImport(file: FileNode, place: Place): Entity | undefined {
    const item = file.nestedImport(place.owner, place.name);
    return item === undefined ? undefined : this.imported(file, item, 0);
  }

  private step(entity: Entity, name: string): Entity | undefined {
    switch (entity.kind) {
      case "module":
        return this.global(entity.file, name) ?? this.module(entity.file, name, 1);
      case "external":
        return { kind: "external", name: `${entity.name}.${name}` };
      case "class": {
        const ref = this.method(entity.ref, name);
        return ref === undefined ? undefined : { kind: "method", ref, receiver: entity.ref };
      }
      case "variable": {
        const held = this.variable(entity.file, entity.name);
        const cls = held.classes[0];
        if (cls === undefined) return undefined;
        return this.throughClass(cls, [name]);
      }
      default:
        return undefined;
    }
  }

  private throughClass(cls: Ref, path: readonly string[]): Entity | undefined {
    let at = cls;
    for (const [i, name] of path.entries()) {
      if (i === path.length - 1) {
        const ref = this.method(at, name);
        return ref === undefined ? undefined : { kind: "method", ref, receiver: at };
      }
      const next = this.attribute(at, name).classes[0];
      if (next === undefined) return undefined;
      at = next;
    }
    return path.length === 0 ? { kind: "class", ref: cls } : undefined;
  }
}
