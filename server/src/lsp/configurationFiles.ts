/** The pyproject.toml files of the workspace, as they stand in the editor where they are open there. */

import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { ruleNames } from "../analysis/ruleCatalogue.ts";
import { Configurations, configurationFile, readFromDisk } from "../configuration/configurations.ts";
import type { ProjectConfiguration } from "../configuration/projectConfiguration.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import { toRange } from "./diagnostic.ts";
import { isDiskPath } from "./documentPath.ts";

export class ConfigurationFiles {
  readonly #open = new Map<string, TextDocument>();
  readonly #known = new Configurations(
    ruleNames,
    (path) => this.#open.get(path)?.getText() ?? readFromDisk(path),
  );

  /** Whether a path is that of a configuration file. */
  static isOne(path: string): boolean {
    return isDiskPath(path) && path.endsWith(`/${configurationFile}`);
  }

  /** Opened, or edited: counts from now on, saved or not. */
  edited(path: string, document: TextDocument): void {
    this.#open.set(path, document);
    this.#known.changed(path);
  }

  closed(path: string): void {
    this.#open.delete(path);
    this.#known.changed(path);
  }

  /** Appeared, changed or went on disk. */
  changed(path: string): void {
    this.#known.changed(path);
  }

  openDocument(path: string): TextDocument | undefined {
    return this.#open.get(path);
  }

  openPaths(): string[] {
    return [...this.#open.keys()];
  }

  /** The configuration in force for a file; none for documents that are no files. */
  of(path: string): ProjectConfiguration | undefined {
    return isDiskPath(path) ? this.#known.of(path) : undefined;
  }

  optionsFor(path: string, settings: AnalysisOptions): AnalysisOptions {
    return isDiskPath(path) ? this.#known.optionsFor(path, {}, settings) : settings;
  }

  excludes(path: string): boolean {
    return this.of(path)?.excludes(path) ?? false;
  }

  /** What all configuration files met so far leave out: changes when the index must be built anew. */
  exclusions(): string {
    return this.#known.exclusions();
  }

  /** What is wrong in a configuration file, in the editor's words. */
  diagnostics(path: string): Diagnostic[] {
    return this.#known.problemsIn(path).map(({ message, severity, range }) => ({
      source: "Threadproof",
      severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      range: toRange(range),
      message,
    }));
  }
}
