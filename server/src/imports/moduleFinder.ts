/**
 * Finds the file behind a dotted module name along a search path, as CPython's path finder does: packages before
 * modules, extension modules before sources, namespace packages last. Folders are listed once.
 */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Build, compiledFile } from "./moduleFiles.ts";

export type FoundModule =
  | { readonly kind: "source"; readonly path: string; readonly folders?: readonly string[] }
  | {
      readonly kind: "extension";
      readonly path: string;
      readonly mismatched: boolean;
      readonly tag: string;
      readonly folders?: readonly string[];
    }
  | { readonly kind: "namespace"; readonly folders: readonly string[] }
  /** Only files that this build does not import. */
  | { readonly kind: "other-builds"; readonly path: string; readonly tag: string };

interface Compiled {
  readonly name: string;
  readonly mismatched: boolean;
  readonly tag: string;
}

interface Listing {
  readonly folders: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly compiled: ReadonlyMap<string, Compiled>;
  readonly others: ReadonlyMap<string, Compiled>;
}

export class ModuleFinder {
  readonly #listings = new Map<string, Listing | undefined>();
  readonly #found = new Map<string, FoundModule | undefined>();

  constructor(
    readonly roots: readonly string[],
    private readonly mapped: ReadonlyMap<string, string>,
    private readonly build: Build,
  ) {}

  /** Also runs for each part of the name: `a.b` is not found when `a` is no package. */
  find(module: string): FoundModule | undefined {
    if (this.#found.has(module)) return this.#found.get(module);
    const found = this.#search(module);
    this.#found.set(module, found);
    return found;
  }

  #search(module: string): FoundModule | undefined {
    const dot = module.lastIndexOf(".");
    const mapped = this.mapped.get(module);
    if (mapped !== undefined) {
      const inPlace = this.#at(mapped);
      if (inPlace) return inPlace;
    }
    if (dot < 0) return this.#along(this.roots, module);
    const parent = this.find(module.slice(0, dot));
    const folders = parent && "folders" in parent ? parent.folders : undefined;
    return folders && this.#along(folders, module.slice(dot + 1));
  }

  /** What an editable finder names: a package's folder, or a module's file. */
  #at(path: string): FoundModule | undefined {
    if (path.endsWith(".py")) return { kind: "source", path };
    const file = compiledFile(
      path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1),
      this.build,
    );
    if (file) {
      return { kind: "extension", path, mismatched: file.use === "mismatched", tag: file.tag };
    }
    return this.#package(path) ?? { kind: "namespace", folders: [path] };
  }

  #along(folders: readonly string[], name: string): FoundModule | undefined {
    const portions: string[] = [];
    let others: FoundModule | undefined;
    for (const folder of folders) {
      const listing = this.#list(folder);
      if (!listing) continue;
      const inside = join(folder, name);
      if (listing.folders.has(name)) {
        const found = this.#package(inside);
        if (found) return found;
      }
      const compiled = listing.compiled.get(name);
      if (compiled) {
        const { mismatched, tag } = compiled;
        return { kind: "extension", path: join(folder, compiled.name), mismatched, tag };
      }
      if (listing.sources.has(name)) return { kind: "source", path: `${inside}.py` };
      if (listing.folders.has(name)) portions.push(inside);
      const other = listing.others.get(name);
      if (other) others ??= { kind: "other-builds", path: join(folder, other.name), tag: other.tag };
    }
    // A folder beside an extension of another build is data of it, not a namespace package.
    return others ?? (portions.length > 0 ? { kind: "namespace", folders: portions } : undefined);
  }

  #package(folder: string): FoundModule | undefined {
    const listing = this.#list(folder);
    const compiled = listing?.compiled.get("__init__");
    if (compiled) {
      const { mismatched, tag } = compiled;
      return { kind: "extension", path: join(folder, compiled.name), mismatched, tag, folders: [folder] };
    }
    return listing?.sources.has("__init__")
      ? { kind: "source", path: join(folder, "__init__.py"), folders: [folder] }
      : undefined;
  }

  #list(folder: string): Listing | undefined {
    if (!this.#listings.has(folder)) this.#listings.set(folder, this.#read(folder));
    return this.#listings.get(folder);
  }

  #read(folder: string): Listing | undefined {
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return undefined;
    }
    const folders = new Set<string>();
    const sources = new Set<string>();
    const compiled = new Map<string, Compiled>();
    const others = new Map<string, Compiled>();
    for (const entry of entries) {
      const { name } = entry;
      if (name.endsWith(".py")) sources.add(name.slice(0, -3));
      else if (name.endsWith(".so") || name.endsWith(".pyd")) {
        const file = compiledFile(name, this.build);
        if (!file) continue;
        const known = { name, mismatched: file.use === "mismatched", tag: file.tag };
        if (file.use === "another") others.set(file.stem, known);
        // The tagged name comes first among the suffixes, the plain one last.
        else if (!compiled.has(file.stem) || rank(file.tag) < rank(compiled.get(file.stem)!.tag)) {
          compiled.set(file.stem, known);
        }
      } else if (!name.includes(".") && name !== "__pycache__" && isFolder(folder, entry)) folders.add(name);
    }
    return { folders, sources, compiled, others };
  }
}

function rank(tag: string): number {
  return tag.startsWith("cp") ? 0 : tag === "abi3t" ? 1 : tag === "abi3" ? 2 : 3;
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(folder, entry.name)).isDirectory();
  } catch {
    return false;
  }
}
