/**
 * The audit of the environment in use, for the editor. Nothing here makes a request wait: verdicts are worked out beside,
 * and when some are new, the documents they are about are reported again.
 */
import { setImmediate } from "node:timers/promises";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { chosen, type OtherFindings, type ReachAt } from "../analysis/otherFindings.ts";
import {
  environmentBuild,
  type PythonEnvironment,
  readEnvironment,
} from "../environment/pythonEnvironment.ts";
import type { Finding } from "../findings/finding.ts";
import { ImportAudit } from "../imports/audit.ts";
import { projectEnvironment } from "../imports/chooseEnvironment.ts";
import { namesDependencies } from "../imports/dependencies/projectFiles.ts";
import { dependencyFindings, importFindings, outsideImports } from "../imports/importFindings.ts";
import { ImportReports } from "../imports/importReports.ts";
import { AuditMemory } from "../imports/memory.ts";
import { WorkspaceModules } from "../imports/workspaceModules.ts";
import type { ProbeResult } from "../probe/probe.ts";
import { analysisOptions } from "./configuration.ts";
import { ConfigurationFiles } from "./configurationFiles.ts";
import { isDiskPath, pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

/** How long an audit is trusted before the environment's folders are looked at again, ms. */
const trustMs = 2000;

export class ImportAudits implements OtherFindings {
  readonly #memory = AuditMemory.open(process.env, true);
  readonly #others = new ImportReports();
  /** Requirements and lock files that are open; `pyproject.toml` is known to the configuration. */
  readonly #documents = new Map<string, TextDocument>();
  readonly #dependencies = new Map<
    string,
    { readonly text: string; readonly audit: ImportAudit; findings: Finding[] }
  >();
  readonly #underWay = new Set<string>();
  readonly #probes = new Map<string, ProbeResult>();
  #selected: PythonEnvironment | undefined;
  #audit: ImportAudit | undefined;
  #workspace: WorkspaceModules | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #preparing: Promise<void> | undefined;

  constructor(
    private readonly session: Session,
    private readonly changed: () => void,
  ) {}

  get audit(): ImportAudit | undefined {
    return this.#audit;
  }

  /** The interpreter that the user selected in the editor; undefined when there is none. */
  select(executable: string | undefined): void {
    // Read from its folders and never started: it may lie in a workspace that nobody trusts.
    this.#selected = executable === undefined ? undefined : readEnvironment(executable);
    if (executable !== undefined && !this.#selected) {
      this.session.connection.console.info(
        `The folders around ${executable} do not say where its packages are.`,
      );
    }
    this.#audit = undefined;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#probes.clear();
    this.#told();
  }

  /** Answers of the real interpreter, asked by the client. */
  addProbes(results: readonly ProbeResult[]): void {
    for (const result of results) {
      this.#probes.set(result.module, result);
      this.#audit?.addProbe(result);
    }
    this.#dependencies.clear();
    this.#told();
  }

  /** Findings known by now; the others are asked for and reported when they are there. */
  findings(path: string, text: string, reachAt: ReachAt): Finding[] {
    const audit = this.#ready();
    if (!audit || !this.#workspace || !text.includes("import")) return [];
    const imports = outsideImports(path, text, audit, this.#workspace);
    const missing = imports.map(({ module }) => module).filter((module) => !audit.known(module));
    if (missing.length > 0)
      this.#work(`imports ${[...new Set(missing)].join(" ")}`, () =>
        Promise.all(missing.map((module) => audit.verdict(module))),
      );
    return importFindings(path, text, imports, audit, reachAt);
  }

  possible(path: string, text: string): Finding[] {
    return this.#others.possible(path, text);
  }

  static isDependencyFile(path: string): boolean {
    return isDiskPath(path) && namesDependencies(path);
  }

  /** Takes an edited document that is a requirements or lock file; others are not for here. */
  take(document: TextDocument): boolean {
    const path = pathOf(document.uri);
    if (!ImportAudits.isDependencyFile(path) || ConfigurationFiles.isOne(path)) return false;
    this.#documents.set(path, document);
    this.session.filesChanged();
    return true;
  }

  closed(path: string): boolean {
    return this.#documents.delete(path);
  }

  openDocument(path: string): TextDocument | undefined {
    return this.#documents.get(path) ?? this.session.configurations.openDocument(path);
  }

  openPaths(): string[] {
    return [...this.#documents.keys()];
  }

  /** Findings in an open dependency file; those of its last text until the new ones are known. */
  dependencyFindings(path: string): Finding[] {
    const audit = this.#ready();
    const document = this.openDocument(path);
    if (!audit || !document) return [];
    const text = document.getText();
    const known = this.#dependencies.get(path);
    if (known?.text !== text || known.audit !== audit) {
      this.#work(`dependencies ${path} ${document.version}`, async () => {
        const findings = await dependencyFindings(path, text, audit);
        this.#dependencies.set(path, { text, audit, findings });
      });
    }
    const options = this.session.configurations.optionsFor(path, analysisOptions(this.session.settings));
    return known?.text === text ? chosen(known.findings, options) : [];
  }

  /** The audit in force; starts one when there is none, or when the environment has changed. */
  #ready(): ImportAudit | undefined {
    const now = performance.now();
    if (now - this.#lookedAt > trustMs) {
      this.#lookedAt = now;
      if (this.#audit === undefined || !this.#audit.isCurrent()) this.#prepare();
      else this.#workspace = new WorkspaceModules(this.session.folders, this.#audit.platform);
    }
    return this.#audit;
  }

  #prepare(): void {
    this.#preparing ??= setImmediate()
      .then(() => this.session.guarded("looking at the environment", () => this.#newAudit(), undefined))
      .finally(() => {
        this.#preparing = undefined;
      })
      .then(() => this.#told());
  }

  #newAudit(): void {
    const { folders, settings } = this.session;
    const environment = this.#selected ?? projectEnvironment(folders[0] ?? process.cwd(), process.env);
    // A free-threaded environment is judged as what it is; for others the setting names the version meant.
    const target = environment?.freeThreaded ? undefined : settings.targetVersion;
    const locked = this.#memory.locked(folders);
    this.#audit = new ImportAudit({ ...this.#memory, environment, target, locked });
    for (const result of this.#probes.values()) this.#audit.addProbe(result);
    this.#workspace = new WorkspaceModules(folders, this.#audit.platform);
    const what = environment
      ? `${environment.prefix} (${environmentBuild(environment)})`
      : "published facts alone";
    this.session.connection.console.info(`Imports are judged for ${this.#audit.build} by ${what}.`);
  }

  #work(name: string, action: () => Promise<unknown>): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    action()
      .catch((error: unknown) =>
        this.session.connection.console.error(`Fault while judging ${name}: ${error}`),
      )
      .finally(() => {
        this.#underWay.delete(name);
        this.#memory.close();
        this.#told();
      });
  }

  #told(): void {
    this.session.filesChanged();
    this.changed();
  }
}
