/** How the analysis is asked to look at the code; the same for the editor, the CLI and the tests. */

import type { Severity } from "./finding.ts";

export type TargetVersion = "3.13" | "3.14" | "3.15";

/**
 * `auto`: report what the code itself shows to be shared between threads; `library`: also treat every
 * public function as callable from several threads; `off`: no concurrency findings.
 */
export type Concurrency = "auto" | "library" | "off";

export interface AnalysisOptions {
  readonly concurrency: Concurrency;
  readonly target: TargetVersion;
  /** Rule names to report; all default rules when absent. */
  readonly select?: readonly string[];
  /** Rule names not to report, whatever else is asked for. */
  readonly ignore?: readonly string[];
  /** Report rules in `preview` too. */
  readonly preview?: boolean;
  /** Severities to report rules with, by rule name, in place of their own. */
  readonly severity?: Readonly<Record<string, Severity>>;
  /** Dotted names of classes and functions that are declared safe to use from several threads. */
  readonly knownSafe?: readonly string[];
}

export const defaultOptions: AnalysisOptions = { concurrency: "auto", target: "3.13" };

/** Options may differ from file to file: the nearest configuration decides. */
export type OptionsOf = (path: string) => AnalysisOptions;
