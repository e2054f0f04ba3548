/** How the analysis is asked to look at the code; the same for the editor, the CLI and the tests. */

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
  /** Report rules in `preview` too. */
  readonly preview?: boolean;
}

export const defaultOptions: AnalysisOptions = { concurrency: "auto", target: "3.13" };
