/** The one long-lived state of a server: open documents, the engine that knows them, settings, the client's abilities. */
import { type Connection, TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { Workspace } from "../analysis/workspace.ts";
import type { Finding } from "../findings/finding.ts";
import type { TargetVersion } from "../findings/options.ts";
import type { FixableProgram } from "../fixes/fixAll.ts";
import type { Settings } from "../protocol.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { BuildAudits } from "./buildAudits.ts";
import type { ClientFeatures } from "./clientFeatures.ts";
import { analysisOptions, defaultSettings } from "./configuration.ts";
import { ConfigurationFiles } from "./configurationFiles.ts";
import { isAnalysed, pathOf, uriOf } from "./documentPath.ts";
import type { ImportAudits } from "./importAudits.ts";
import { baselineSetting, KnownFindings } from "./knownFindings.ts";

export class Session {
  readonly documents = new TextDocuments(TextDocument);
  readonly configurations = new ConfigurationFiles();
  /** Folders on disk that the editor has open, as paths. */
  folders: string[] = [];
  settings: Settings = defaultSettings;
  /** Verdicts on imports; set once, before the first document arrives. */
  imports: ImportAudits | undefined;
  /** Findings in build files and native sources; set once, before the first document arrives. */
  builds: BuildAudits | undefined;
  /** Grows with every change to what the engine knows: equal numbers mean equal findings. */
  generation = 0;

  readonly #engine: Workspace;
  /** Path to document, for documents that are Python files in their own right. */
  readonly #open = new Map<string, TextDocument>();
  /** Paths of open documents edited since the engine last saw them: one update serves many keystrokes. */
  readonly #edited = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #known: KnownFindings;

  private constructor(
    readonly connection: Connection,
    readonly client: ClientFeatures,
    engine: Workspace,
  ) {
    this.#engine = engine;
    this.#known = new KnownFindings((message) => connection.console.warn(message));
    this.configure(defaultSettings);
  }

  static async start(connection: Connection, client: ClientFeatures): Promise<Session> {
    const engine = await Workspace.create(analysisOptions(defaultSettings));
    return new Session(connection, client, engine);
  }

  edited(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (ConfigurationFiles.isOne(path)) {
      this.configurations.edited(path, document);
      this.generation++;
    } else if (isAnalysed(document.uri)) {
      this.#open.set(path, document);
      this.#edited.add(path);
      this.generation++;
    }
  }

  /** Forgets an open document; whether its file on disk takes its place is the index's affair. */
  closed(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (ConfigurationFiles.isOne(path)) {
      this.configurations.closed(path);
      this.generation++;
    } else if (this.#open.delete(path)) {
      this.#edited.delete(path);
      this.forgetFile(path);
      this.filesChanged();
    }
  }

  /** Takes verdicts on imports into every report. */
  judgeImports(imports: ImportAudits): void {
    this.imports = imports;
    this.#engine.reportAlso(imports);
  }

  openDocument(path: string): TextDocument | undefined {
    return this.#open.get(path);
  }

  openPaths(): string[] {
    return [...this.#open.keys()];
  }

  /** The URI by which the editor knows a file: its own spelling where it has the file open. */
  locate(path: string): string {
    return (this.#open.get(path) ?? this.builds?.openDocument(path))?.uri ?? uriOf(path);
  }

  /**
   * Takes in a file from disk; an open document of the same path keeps its word. Shows in findings after
   * `filesChanged`: the engine links all files anew when one is added, which must not happen once per file.
   */
  readFile(path: string, text: string): void {
    if (!this.#open.has(path)) {
      this.guarded(`reading ${path}`, () => this.#engine.update(path, text), undefined);
    }
  }

  /** As `readFile`. */
  forgetFile(path: string): void {
    if (!this.#open.has(path)) {
      this.guarded(`forgetting ${path}`, () => this.#engine.remove(path), undefined);
    }
  }

  filesChanged(): void {
    this.generation++;
  }

  configure(settings: Settings): void {
    this.settings = settings;
    this.generation++;
    const under = analysisOptions(settings);
    this.#engine.configure((path) => this.configurations.optionsFor(path, under));
  }

  /** Findings as of the last keystroke. A fault of the engine costs this file's findings, not the server. */
  findings(path: string): Finding[] {
    this.#readEdits();
    return this.guarded(`checking ${path}`, () => this.#newFindings(path), []);
  }

  #newFindings(path: string): Finding[] {
    if (this.configurations.excludes(path)) {
      return [];
    }
    const baseline =
      this.configurations.of(path)?.baseline ?? baselineSetting(this.settings.baseline, path, this.folders);
    return this.#known.fresh(path, this.#engine.findings(path), this.#engine.text(path) ?? "", baseline);
  }

  /** The tree of an open document as of the last keystroke; fixes are made from it. */
  tree(path: string): CompactTree | undefined {
    this.#readEdits();
    return this.#open.has(path) ? this.#engine.tree(path) : undefined;
  }

  /** The CPython that a file is judged by. */
  targetOf(path: string): TargetVersion {
    return this.configurations.optionsFor(path, analysisOptions(this.settings)).target;
  }

  /** Lets an action change texts in the engine and look at what comes of it; then all is as before. */
  tryOut<T>(activity: string, action: (program: FixableProgram) => T, otherwise: T): T {
    this.#readEdits();
    const before = new Map<string, string>();
    const program: FixableProgram = {
      findings: (path) => this.#newFindings(path),
      text: (path) => this.#engine.text(path),
      tree: (path) => this.tree(path),
      target: (path) => this.targetOf(path),
      update: (path, text) => {
        if (!before.has(path)) before.set(path, this.#engine.text(path) ?? "");
        this.#engine.update(path, text);
      },
    };
    try {
      return this.guarded(activity, () => action(program), otherwise);
    } finally {
      for (const [path, text] of before) this.#engine.update(path, text);
    }
  }

  #readEdits(): void {
    for (const edited of this.#edited) {
      this.#edited.delete(edited);
      const text = this.#open.get(edited)?.getText();
      if (text !== undefined) {
        this.guarded(`reading ${edited}`, () => this.#engine.update(edited, text), undefined);
      }
    }
  }

  /** Runs a piece of analysis that must not bring the server down; each distinct fault is logged once. */
  guarded<T>(activity: string, action: () => T, otherwise: T): T {
    try {
      return action();
    } catch (error) {
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (!this.#reported.has(fault)) {
        this.#reported.add(fault);
        this.connection.console.error(`Fault while ${activity}, please report it: ${fault}`);
      }
      return otherwise;
    }
  }
}
