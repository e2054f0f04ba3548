/**
 * The audit of the user's own extension modules, for the editor: findings in build files and native sources that are
 * open. What a file lacks another of its project may hold, so the whole project is read, beside requests, and open
 * documents count as they stand in the editor.
 */
import { posix } from "node:path";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type BuildFile, kindOf } from "../builds/buildFile.ts";
import type { BuildFinding } from "../builds/buildReport.ts";
import { byProject, findBuildFiles, projectAround } from "../builds/findBuildFiles.ts";
import { BuildInspector, wantedOf } from "../builds/inspector.ts";
import { analysisOptions } from "./configuration.ts";
import { isDiskPath, pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

/** How many folders a project may have before its other files are left unread. */
const maxDirectories = 5_000;

interface KnownProject {
  /** Its files on disk; those of projects within it are not among them. */
  readonly files: readonly BuildFile[];
  /** State of the open documents that the findings were made from. */
  state: number;
  findings: readonly BuildFinding[];
}

export class BuildAudits {
  /** Open documents that have a say in builds, by path. */
  readonly #documents = new Map<string, TextDocument>();
  /** By path, the top of the project around it. */
  readonly #tops = new Map<string, string>();
  readonly #projects = new Map<string, KnownProject>();
  readonly #reading = new Set<string>();
  #inspector: BuildInspector | undefined;
  /** Grows with every change to an open document that has a say in builds. */
  #state = 0;

  constructor(
    private readonly session: Session,
    private readonly changed: () => void,
  ) {}

  /** Whether a document is for this audit alone: neither Python nor configuration. */
  static isForeign(path: string): boolean {
    const kind = isDiskPath(path) ? kindOf(path) : undefined;
    return kind !== undefined && kind !== "setup-script" && kind !== "build-helper" && kind !== "pyproject";
  }

  /** Takes an opened or edited document that has a say in builds. */
  take(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (!isDiskPath(path) || kindOf(path) === undefined) return;
    this.#documents.set(path, document);
    this.#state += 1;
    this.session.filesChanged();
  }

  closed(path: string): void {
    if (!this.#documents.delete(path)) return;
    this.#state += 1;
    this.fileChanged(path);
    if (this.#documents.size === 0) this.#projects.clear();
    this.session.filesChanged();
  }

  /** A file appeared, changed or went on disk: its project is read again when somebody asks. */
  fileChanged(path: string): void {
    if (kindOf(path) === undefined && posix.extname(path) !== "") return;
    for (const top of this.#projects.keys()) if (path.startsWith(`${top}/`)) this.#projects.delete(top);
    this.#tops.clear();
  }

  openDocument(path: string): TextDocument | undefined {
    return this.#documents.get(path);
  }

  openPaths(): string[] {
    return [...this.#documents.keys()];
  }

  /** Findings known by now of an open document; when they are not, they are asked for and reported when they are there. */
  findings(path: string): readonly BuildFinding[] {
    if (!this.#documents.has(path) || this.session.configurations.excludes(path)) return [];
    const top = this.#tops.get(path);
    const project = top === undefined ? undefined : this.#projects.get(top);
    if (top === undefined || !project || !this.#inspector) {
      this.#read(path);
      return [];
    }
    if (project.state !== this.#state) {
      project.findings = this.session.guarded(`inspecting ${top}`, () => this.#inspect(top, project), []);
      project.state = this.#state;
    }
    const options = analysisOptions(this.session.settings);
    return wantedOf(
      project.findings.filter((finding) => finding.path === path),
      (one) => this.session.configurations.optionsFor(one, options),
    );
  }

  #inspect(top: string, { files }: KnownProject): BuildFinding[] {
    const texts = new Map(files.map((file) => [file.path, file]));
    for (const [path, document] of this.#documents) {
      if (this.#tops.get(path) === top)
        texts.set(path, { path, text: document.getText(), kind: kindOf(path)! });
    }
    return this.#inspector!.inspect(top, [...texts.values()]);
  }

  #read(path: string): void {
    if (this.#reading.has(path)) return;
    this.#reading.add(path);
    this.#readProject(path)
      .catch((error: unknown) =>
        this.session.connection.console.error(`Fault while reading the project around ${path}: ${error}`),
      )
      .finally(() => {
        this.#reading.delete(path);
        this.session.filesChanged();
        this.changed();
      });
  }

  async #readProject(path: string): Promise<void> {
    this.#inspector ??= await BuildInspector.create();
    const folder = this.session.folders.find((one) => path.startsWith(`${one}/`));
    const top = (await projectAround(path)) ?? folder ?? posix.dirname(path);
    if (!this.#projects.has(top)) {
      let directories = 0;
      const isExcluded = (one: string) => this.session.configurations.excludes(one);
      const limits = { onDirectory: () => ++directories <= maxDirectories };
      const files = await findBuildFiles(top, isExcluded, limits);
      const own = byProject(top, files).get(top) ?? [];
      this.#projects.set(top, { files: own, state: -1, findings: [] });
    }
    this.#tops.set(path, top);
    this.#state += 1;
  }
}
