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

/** A module as the graph knows it; the packages it lies in are imported before it. */
interface Node {
  readonly module: string;
  readonly found: FoundModule;
  readonly packages: readonly Node[];
  edges: readonly Edge[] | undefined;
}

interface Circumstances {
  readonly conditional: boolean;
  readonly optional: boolean;
}

interface Edge extends Circumstances {
  readonly to: Node;
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
  readonly #nodes = new Map<string, Node | undefined>();
  #turnStart = performance.now();
  #read = 0;

  constructor(
    private readonly finder: ModuleFinder,
    private readonly build: Build,
    private readonly sources: SourceCache,
  ) {}

  /** Modules whose imports were looked at so far. */
  get size(): number {
    return this.#read;
  }

  /**
   * Everything that importing a module runs, the module itself and its packages first. Unconditional paths are followed
   * before conditional ones, so that each module is told by its surest, then shortest chain.
   */
  async reach(module: string): Promise<Reached[]> {
    const reached = new Map<Node, Reached>();
    let current: [Node, Reached][] = [];
    let later: [Node, Reached][] = [];
    const enter = (node: Node, from: Reached | undefined, edge: Circumstances) => {
      if (reached.has(node)) return;
      const conditional = edge.conditional || (from?.conditional ?? false);
      const optional = edge.optional || (from?.optional ?? false);
      const next = { module: node.module, found: node.found, from, conditional, optional };
      // Conditional ones wait until it is clear that no sure path leads there.
      const waits = (conditional || optional) && from !== undefined && !(from.conditional || from.optional);
      if (waits) later.push([node, next]);
      else {
        reached.set(node, next);
        current.push([node, next]);
      }
    };
    const enterAll = (node: Node, from: Reached | undefined, edge: Circumstances) => {
      for (const around of node.packages) enter(around, from, edge);
      enter(node, from, edge);
    };
    const deepest = this.#deepest(module);
    if (deepest) enterAll(deepest, undefined, { conditional: false, optional: false });
    while (current.length > 0 || later.length > 0) {
      if (current.length === 0) {
        for (const [node, next] of later) {
          if (reached.has(node)) continue;
          reached.set(node, next);
          current.push([node, next]);
        }
        later = [];
      }
      const batch = current;
      current = [];
      for (const [node, from] of batch) {
        for (const edge of this.#edgesOf(node)) enterAll(edge.to, from, edge);
        await this.#breathe();
      }
    }
    return [...reached.values()];
  }

  /** The node of a module, or of the innermost package around it that is there: that much of it is imported. */
  #deepest(module: string): Node | undefined {
    const node = this.#node(module);
    const dot = module.lastIndexOf(".");
    return node ?? (dot < 0 ? undefined : this.#deepest(module.slice(0, dot)));
  }

  #node(module: string): Node | undefined {
    if (this.#nodes.has(module)) return this.#nodes.get(module);
    const found = this.finder.find(module);
    const dot = module.lastIndexOf(".");
    const parent = found && dot > 0 ? this.#node(module.slice(0, dot)) : undefined;
    const packages = parent ? [...parent.packages, parent] : [];
    const node = found && { module, found, packages, edges: undefined };
    this.#nodes.set(module, node);
    return node;
  }

  #edgesOf(node: Node): readonly Edge[] {
    if (!node.edges) {
      this.#read += 1;
      node.edges = node.found.kind === "source" ? this.#readEdges(node.module, node.found) : [];
    }
    return node.edges;
  }

  #readEdges(module: string, found: FoundModule & { kind: "source" }): Edge[] {
    const imports = this.sources.read(found.path, this.build);
    const eager = imports.filter(({ runs }) => runs === "always" || runs === "maybe");
    const base = found.folders ? module : module.slice(0, Math.max(0, module.lastIndexOf(".")));
    const failed = new Set<TryGroup>();
    for (const one of eager) {
      const { within } = one;
      if (within && targetsOf(one, base, this.finder).some((target) => !this.#works(target)))
        failed.add(within);
    }
    const edges = new Map<Node, Edge>();
    for (const one of eager) {
      if (one.insteadOf && !failed.has(one.insteadOf)) continue;
      const conditional = one.runs !== "always";
      const optional = isOptional(one);
      for (const name of targetsOf(one, base, this.finder)) {
        const to = standardLibrary.has(name.split(".", 1)[0]!) ? undefined : this.#deepest(name);
        if (!to || to.module === module) continue;
        const known = edges.get(to);
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
