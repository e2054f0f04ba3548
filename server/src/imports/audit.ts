/** The audit of one environment: from an import's name to its verdict, each worked out once. */
import { statSync } from "node:fs";
import type { DeclarationCache } from "../binary/declarationCache.ts";
import type { ExtensionModule } from "../binary/extensionModule.ts";
import { type Distribution, Distributions } from "../environment/distributions.ts";
import { environmentBuild, type PythonEnvironment } from "../environment/pythonEnvironment.ts";
import { readSearchPath } from "../environment/searchPath.ts";
import { standardLibrary } from "../environment/standardLibrary.ts";
import type { TargetVersion } from "../findings/options.ts";
import type { ProbeResult } from "../probe/probe.ts";
import { verdictFrom } from "./combine.ts";
import type { Dependency } from "./dependencies/dependency.ts";
import { ImportGraph, type Reached, type SourceCache, targetsOf } from "./importGraph.ts";
import { judgeAll, type Surroundings } from "./judge.ts";
import {
  firstSupporting,
  hasWheel,
  type KnownBuild,
  knownVerdict,
  otherAdvice,
} from "./knowledge/knownVerdict.ts";
import { withWheels } from "./knowledge/listedWheels.ts";
import type { PackageFacts } from "./knowledge/packageFacts.ts";
import type { Build } from "./moduleFiles.ts";
import { ModuleFinder } from "./moduleFinder.ts";
import { withProbe } from "./probed.ts";
import type { SourceImport } from "./sourceImports.ts";
import type { Culprit, ImportVerdict, VerdictKind } from "./verdict.ts";

export interface AuditInputs {
  readonly facts: PackageFacts;
  readonly declarations: DeclarationCache;
  readonly sources: SourceCache;
  /** Absent: only published knowledge counts. */
  readonly environment?: PythonEnvironment | undefined;
  /** The version to judge for; that of a free-threaded environment, or 3.13, when absent. */
  readonly target?: TargetVersion | undefined;
  /** What the project's lock files pin, by normalised name. */
  readonly locked?: ReadonlyMap<string, Dependency> | undefined;
}

export class ImportAudit {
  /** What the verdicts are for. */
  readonly build: KnownBuild;
  /** Whether the environment's own files are the ones to be judged. */
  readonly exact: boolean;
  readonly distributions: Distributions;
  readonly finder: ModuleFinder;
  readonly #graph: ImportGraph;
  readonly #verdicts = new Map<string, Promise<ImportVerdict>>();
  readonly #known = new Map<string, ImportVerdict>();
  readonly #probed = new Map<string, ProbeResult>();
  readonly #files = new Map<string, number>();
  readonly #declarations = new Map<string, ExtensionModule>();
  readonly #owners = new Map<string, Distribution | undefined>();
  readonly #stamp: string;

  constructor(private readonly inputs: AuditInputs) {
    const { environment, target, sources } = inputs;
    this.exact =
      environment?.freeThreaded === true &&
      (target === undefined || target === environment.version.join("."));
    this.build = this.exact ? (environmentBuild(environment!) as KnownBuild) : buildFor(target, environment);
    const folders = environment?.siteFolders ?? [];
    this.#stamp = stampOf(folders);
    const { roots, mapped } = readSearchPath(folders);
    this.distributions = new Distributions(folders);
    const version = environment?.version ?? ([3, Number(this.build.slice(2, -1))] as const);
    this.platform = { version, freeThreaded: environment?.freeThreaded ?? true, system: process.platform };
    this.finder = new ModuleFinder(roots, mapped, this.platform);
    this.#graph = new ImportGraph(this.finder, this.platform, sources);
  }

  /** What decides conditions around imports. */
  readonly platform: Build;

  get environment(): PythonEnvironment | undefined {
    return this.inputs.environment;
  }

  /** Source files whose imports were followed so far. */
  get filesRead(): number {
    return this.#graph.size;
  }

  /** False once packages were installed, removed or rebuilt; then a new audit is needed. */
  isCurrent(): boolean {
    const folders = this.inputs.environment?.siteFolders ?? [];
    return (
      this.#stamp === stampOf(folders) && [...this.#files].every(([path, time]) => modified(path) === time)
    );
  }

  /** Whether an import of this name finds a module that this build loads. */
  finds(module: string): boolean {
    if (standardLibrary.has(module.split(".", 1)[0]!)) return true;
    const found = this.finder.find(module);
    return found !== undefined && found.kind !== "other-builds";
  }

  /** Modules that an import statement of a program loads, by absolute name; none for relative imports. */
  modulesOf(statement: SourceImport): string[] {
    if (statement.level > 0 || statement.module === "") return [];
    const [whole = statement.module, ...submodules] = targetsOf(statement, "", this.finder);
    return submodules.length > 0 ? submodules : [whole];
  }

  /** Does importing this module switch the GIL on? Never rejects for what packages contain. */
  verdict(module: string): Promise<ImportVerdict> {
    let verdict = this.#verdicts.get(module);
    if (!verdict) {
      verdict = this.#judge(module).then((judged) => {
        const result = withProbe(judged, this.#probed.get(module));
        this.#known.set(module, result);
        return result;
      });
      this.#verdicts.set(module, verdict);
    }
    return verdict;
  }

  /** The verdict if it has been worked out already. */
  known(module: string): ImportVerdict | undefined {
    return this.#known.get(module);
  }

  /** What the real interpreter answered about a module, if it was asked. */
  probeOf(module: string): ProbeResult | undefined {
    return this.#probed.get(module);
  }

  /** Takes the answer of the real interpreter, the strongest evidence. */
  addProbe(result: ProbeResult): void {
    this.#probed.set(result.module, result);
    this.#verdicts.delete(result.module);
    this.#known.delete(result.module);
  }

  /** What is known of a distribution by name, version and the wheels that a lock file lists, as dependencies are written. */
  distributionVerdict(name: string, version: string | undefined, wheels?: readonly string[]): ImportVerdict {
    const published = knownVerdict(this.inputs.facts, name, version, this.build);
    const known = wheels
      ? withWheels(published, wheels, [name, version].filter(Boolean).join(" "), this.build)
      : published;
    const { verdict = "unknown", evidence, notes = [], advice = [] } = known ?? {};
    return {
      import: name,
      distribution: name,
      ...(version !== undefined && { distributionVersion: version }),
      verdict,
      evidence: evidence ? [evidence] : [],
      chain: [name],
      culprits: [],
      notes,
      advice,
      installed: this.distributions.get(name) !== undefined,
      python: this.build,
    };
  }

  /** The verdict on a dependency: of all that it installs where it is installed, of what is known of it otherwise. */
  async dependencyVerdict({ name, version, wheels }: Dependency): Promise<ImportVerdict> {
    const installed = this.distributions.get(name);
    const modules = installed ? this.distributions.modulesOf(installed) : [];
    if (installed && modules.length > 0) {
      const verdicts = await Promise.all(modules.map((module) => this.verdict(module)));
      const order: VerdictKind[] = [
        "no-free-threaded-build",
        "enables-gil",
        "unknown",
        "keeps-gil-off",
        "pure",
      ];
      const weight = ({ verdict }: ImportVerdict) => order.indexOf(verdict);
      return verdicts.reduce((kept, next) => (weight(next) < weight(kept) ? next : kept));
    }
    const locked = this.inputs.locked?.get(name);
    return this.distributionVerdict(
      name,
      version ?? installed?.version ?? locked?.version,
      wheels ?? locked?.wheels,
    );
  }

  async #judge(module: string): Promise<ImportVerdict> {
    const top = module.split(".", 1)[0]!;
    if (standardLibrary.has(top)) return this.#simple(module, "stdlib");
    const reached = await this.#graph.reach(module);
    const own = reached.filter((one) => one.from === undefined).at(-1);
    // A namespace is there as soon as any of its distributions is.
    const partial = own?.found.kind === "namespace" && own.module !== module;
    if (!own || partial) return this.#notInstalled(module);
    const judgements = await judgeAll(reached, this.#surroundings());
    for (const { found } of reached) {
      if (found.kind === "extension" && !this.#files.has(found.path)) {
        this.#files.set(found.path, modified(found.path));
      }
    }
    const owner = this.#ownerOf(own, reached);
    const adviceOn = (name: string, reason: Culprit["reason"]) => this.#adviceFor(name, reason);
    return verdictFrom(module, owner, reached, judgements, this.build, adviceOn);
  }

  #surroundings(): Surroundings {
    const { facts } = this.inputs;
    const declarations = (paths: readonly string[]) => this.#read(paths);
    return { owner: (path) => this.#owner(path), facts, declarations, build: this.build, exact: this.exact };
  }

  /** Many imports reach the same files: each is asked about once per audit. */
  async #read(paths: readonly string[]): Promise<ExtensionModule[]> {
    const missing = paths.filter((path) => !this.#declarations.has(path));
    const read = await this.inputs.declarations.readAll(missing);
    missing.forEach((path, index) => {
      this.#declarations.set(path, read[index]!);
    });
    return paths.map((path) => this.#declarations.get(path)!);
  }

  #owner(path: string): Distribution | undefined {
    if (!this.#owners.has(path)) this.#owners.set(path, this.distributions.owner(path));
    return this.#owners.get(path);
  }

  #adviceFor(name: string, reason: Culprit["reason"]): string[] {
    const row = this.inputs.facts.row(name);
    const version = this.distributions.get(name)?.version;
    if (row && this.exact && reason === "other-build" && hasWheel(row, version, this.build)) {
      return [
        `Install it again: wheels of ${name} ${version} for ${this.build} were published (pip needs to be 24.1 or later).`,
      ];
    }
    const need = reason === "other-build" || reason === "abi3" || reason === "no-build" ? "wheel" : "gil-off";
    const first = row && firstSupporting(row, name, version, this.build, need);
    return [...(first ? [first] : []), ...otherAdvice(name)];
  }

  #notInstalled(module: string): ImportVerdict {
    const { facts, locked } = this.inputs;
    const name = facts.distributionOf(module);
    const pinned = locked?.get(name);
    const verdict = this.distributionVerdict(name, pinned?.version, pinned?.wheels);
    const words = this.inputs.environment
      ? "It is not installed in the environment."
      : "No environment was looked at.";
    return {
      ...verdict,
      import: module,
      chain: [module],
      notes: [...verdict.notes, words],
      installed: false,
    };
  }

  #simple(module: string, verdict: VerdictKind): ImportVerdict {
    const base = { evidence: [], chain: [module], culprits: [], notes: [], advice: [] };
    return { import: module, verdict, ...base, installed: true, python: this.build };
  }

  #ownerOf(own: Reached, reached: readonly Reached[]): Distribution | undefined {
    const paths = [own, ...reached].map(({ found }) => ("path" in found ? found.path : undefined));
    const path = paths.find((one) => one !== undefined);
    return path === undefined ? undefined : this.#owner(path);
  }
}

function buildFor(target: TargetVersion | undefined, environment: PythonEnvironment | undefined): KnownBuild {
  const own = environment?.version.join(".");
  const version = target ?? (own === "3.14" || own === "3.15" ? own : "3.13");
  return `${version}t`;
}

function stampOf(folders: readonly string[]): string {
  return folders.map((folder) => `${folder} ${modified(folder)}`).join("\n");
}

function modified(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
