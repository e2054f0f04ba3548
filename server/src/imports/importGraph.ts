/**
 * Which modules an import runs: follows the import statements that run when a module is imported, from file to file.
 * Sources are read once per content, folders once per graph.
 */
import { readFileSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { standardLibrary } from "../environment/standardLibrary.ts";
import { decodePython } from "../sources/decodePython.ts";
import type { Build } from "./moduleFiles.ts";
import type { FoundModule, ModuleFinder } from "./moduleFinder.ts";
import { isOptional, type SourceImport, sourceImports, type TryGroup } from "./sourceImports.ts";

/** A module that an import reaches. */
export interface Reached {
  readonly module: string;
  readonly found: FoundModule;
  /** Who imports it; absent for the imported module itself. */
  readonly from: Reached | undefined;
  /** No path leads here that is taken under all circumstances. */
  readonly conditional: boolean;
  /** The import that leads here may fail without harm: a `try` catches it. */
  readonly optional: boolean;
}

/** From the imported module to this one. */
export function chainTo(reached: Reached): string[] {
  const chain: string[] = [];
  for (let at: Reached | undefined = reached; at; at = at.from) chain.unshift(at.module);
  return chain;
}

interface Edge {
  readonly to: string;
  readonly conditional: boolean;
  readonly optional: boolean;
}

/** Larger sources are data; milliseconds of work before others get their turn. */
const maxSourceBytes = 4_000_000;
const turnMs = 12;

/** What sources import, kept across graphs as long as the file is the same. */
export class SourceCache {
  readonly #known = new Map<string, { readonly stamp: string; readonly imports: readonly SourceImport[] }>();

  read(path: string, build: Build): readonly SourceImport[] {
    try {
      const { mtimeMs, size } = statSync(path);
      const stamp = `${mtimeMs} ${size} ${build.version.join(".")} ${build.system}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.imports;
      const imports =
        size > maxSourceBytes ? [] : sourceImports(decodePython(readFileSync(path)).text, build);
      this.#known.set(path, { stamp, imports });
      return imports;
    } catch {
      return [];
    }
  }
}

export class ImportGraph {
  readonly #edges = new Map<string, readonly Edge[]>();
  #turnStart = performance.now();

  constructor(
    private readonly finder: ModuleFinder,
    private readonly build: Build,
    private readonly sources: SourceCache,
  ) {}

  /** Files whose imports were read so far. */
  get size(): number {
    return this.#edges.size;
  }

  /**
   * Everything that importing `modules` runs, the modules themselves and their packages first. Unconditional paths are
   * followed before conditional ones, so that each module is told by its surest, then shortest chain.
   */
  async reach(modules: readonly string[]): Promise<Reached[]> {
    const reached = new Map<string, Reached>();
    let current: Reached[] = [];
    let later: Reached[] = [];
    const enter = (module: string, from: Reached | undefined, edge: Omit<Edge, "to">) => {
      for (const name of packagesOf(module)) {
        if (reached.has(name)) continue;
        const found = this.finder.find(name);
        if (!found) return;
        const conditional = edge.conditional || (from?.conditional ?? false);
        const optional = edge.optional || (from?.optional ?? false);
        const next = { module: name, found, from, conditional, optional };
        // Conditional ones wait until it is clear that no sure path leads there.
        const waits = (conditional || optional) && from !== undefined && !(from.conditional || from.optional);
        if (waits) later.push(next);
        else {
          reached.set(name, next);
          current.push(next);
        }
      }
    };
    for (const module of modules) enter(module, undefined, { conditional: false, optional: false });
    while (current.length > 0 || later.length > 0) {
      if (current.length === 0) {
        current = later.filter(({ module }) => !reached.has(module));
        later = [];
        for (const one of current) if (!reached.has(one.module)) reached.set(one.module, one);
        continue;
      }
      const batch = current;
      current = [];
      for (const from of batch) {
        for (const edge of this.#edgesOf(from)) enter(edge.to, from, edge);
        await this.#breathe();
      }
    }
    return [...reached.values()];
  }

  #edgesOf({ module, found }: Reached): readonly Edge[] {
    const known = this.#edges.get(module);
    if (known) return known;
    const edges = found.kind === "source" ? this.#readEdges(module, found) : [];
    this.#edges.set(module, edges);
    return edges;
  }

  #readEdges(module: string, found: FoundModule & { kind: "source" }): Edge[] {
    const imports = this.sources.read(found.path, this.build);
    const eager = imports.filter(({ runs }) => runs === "always" || runs === "maybe");
    const base = found.folders ? module : module.slice(0, Math.max(0, module.lastIndexOf(".")));
    const failed = new Set<TryGroup>();
    for (const one of eager) {
      if (one.within && targetsOf(one, base, this.finder).some((target) => !this.#works(target)))
        failed.add(one.within);
    }
    const edges = new Map<string, Edge>();
    for (const one of eager) {
      if (one.insteadOf && !failed.has(one.insteadOf)) continue;
      const conditional = one.runs !== "always";
      const optional = isOptional(one);
      for (const to of targetsOf(one, base, this.finder)) {
        const known = edges.get(to);
        if (standardLibrary.has(to.split(".", 1)[0]!) || to === module) continue;
        edges.set(to, {
          to,
          conditional: conditional && (known?.conditional ?? true),
          optional: optional && (known?.optional ?? true),
        });
      }
    }
    return [...edges.values()];
  }

  #works(module: string): boolean {
    if (standardLibrary.has(module.split(".", 1)[0]!)) return true;
    const found = this.finder.find(module);
    return found !== undefined && found.kind !== "other-builds";
  }

  async #breathe(): Promise<void> {
    if (performance.now() - this.#turnStart > turnMs) {
      await setImmediate();
      this.#turnStart = performance.now();
    }
  }
}

/**
 * The modules an import statement names: the module, and those of the names after `from … import` that are submodules.
 * @param base the package that relative imports start from
 */
export function targetsOf(
  { module, level, names }: SourceImport,
  base: string,
  finder: ModuleFinder,
): string[] {
  let whole = module;
  if (level > 0) {
    const steps = base.split(".");
    const kept = steps.slice(0, steps.length - (level - 1));
    if (base === "" || kept.length === 0) return [];
    whole = module ? `${kept.join(".")}.${module}` : kept.join(".");
  }
  const parent = finder.find(whole);
  if (!parent || !("folders" in parent) || parent.folders === undefined) return [whole];
  const submodules = names.filter((name) => name !== "*").map((name) => `${whole}.${name}`);
  return [whole, ...submodules.filter((name) => finder.find(name) !== undefined)];
}

/** `a`, `a.b` and `a.b.c` for `a.b.c`. */
function packagesOf(module: string): string[] {
  const parts = module.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}
