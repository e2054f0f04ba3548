// Classes and functions that the user declares safe to use from several threads, by dotted name.
import type { Access } from "../facts/facts.ts";
import type { FileNode, Ref } from "./fileNode.ts";
import type { Location } from "./locations.ts";
import type { Program } from "./program.ts";

export class KnownSafe {
  constructor(
    private readonly program: Program,
    private readonly names: readonly string[],
  ) {}

  /**
   * Whether an access is declared safe: it stands in such a function or class, or uses an object of such a class.
   * To bind a variable anew is no use of the object in it.
   */
  covers(file: FileNode, access: Access, location: Location): boolean {
    if (this.names.length === 0) return false;
    if (this.isInside(file, access.fn)) return true;
    if (location.cls !== undefined && this.isNamedClass(location.cls)) return true;
    if (access.op === "rebind" || access.op === "augment" || access.op === "delete") return false;
    if (access.op === "argument" && this.isCallOfNamed(file, access)) return true;
    return this.holdsNamed(location);
  }

  private isInside(file: FileNode, fn: number): boolean {
    for (let at = fn; at > 0; at = file.facts.functions[at]!.parent) {
      if (this.matchesOwn(file, file.facts.functions[at]!.qualifiedName)) return true;
    }
    return false;
  }

  private isNamedClass(cls: Ref): boolean {
    const { resolver } = this.program;
    return (
      resolver
        .lineage(cls)
        .some((ref) => this.matchesOwn(ref.file, ref.file.facts.classes[ref.index]!.qualifiedName)) ||
      resolver.externalBases(cls).some((base) => this.matchesExternal(base))
    );
  }

  /** Whether the argument goes to a function that is declared safe. */
  private isCallOfNamed(file: FileNode, access: Access): boolean {
    return file.facts.calls.some(
      (call) => call.start <= access.start && call.end >= access.end && this.isNamedCallee(file, call.callee),
    );
  }

  /** Whether what the location holds was made by such a class or function, and by nothing else. */
  private holdsNamed({ file, holding, kind, name, cls }: Location): boolean {
    if (holding.classes.some((held) => this.isNamedClass(held))) return true;
    const bindings =
      kind === "global"
        ? file.bindingsOf("global", 0, name)
        : cls === undefined
          ? []
          : this.program.resolver.attributeBindings(cls, name);
    const made = bindings.filter(
      ({ value }) => value !== "none" && value !== "annotation" && value !== "augmented",
    );
    return (
      made.length > 0 &&
      made.every(({ value, source }) => value === "call" && this.isNamedCallee(file, source))
    );
  }

  private isNamedCallee(file: FileNode, place: number): boolean {
    const entity = place < 0 ? undefined : this.program.resolver.path(file, file.place(place));
    switch (entity?.kind) {
      case "external":
        return this.matchesExternal(entity.name);
      case "class":
        return this.isNamedClass(entity.ref);
      case "function":
      case "method": {
        const { file: home, index } = entity.ref;
        return this.matchesOwn(home, home.facts.functions[index]!.qualifiedName);
      }
      default:
        return false;
    }
  }

  /** Declared names may leave out packages at the beginning; with a class go its methods. */
  private matchesOwn(file: FileNode, qualifiedName: string): boolean {
    const module = file.path.replace(/(\/__init__)?\.pyw?$/, "").replaceAll("/", ".");
    return outward(qualifiedName).some((name) =>
      this.names.some((safe) => `.${module}.${name}`.endsWith(`.${safe}`)),
    );
  }

  private matchesExternal(name: string): boolean {
    return outward(name).some((outer) => this.names.includes(outer));
  }
}

/** A dotted name and all that it lies in: `a.b.c`, `a.b`, `a`. */
function outward(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, i) => parts.slice(0, parts.length - i).join("."));
}
