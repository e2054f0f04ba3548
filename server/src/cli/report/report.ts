/** What a check hands to the formats, and what they share about positions. */
import type { Finding, SourceRange } from "../../findings/finding.ts";
import type { BaselineCount } from "../baselines.ts";
import type { Skipped } from "../loadSources.ts";

export interface CheckResult {
  /** Ordered by path and position; paths as the user gave them. */
  readonly findings: readonly Finding[];
  /** How many files were analysed. */
  readonly files: number;
  readonly skipped: readonly Skipped[];
  /** When there is a baseline: how many findings it kept back, and how many of its own are gone. */
  readonly baseline?: BaselineCount;
}

/** Returns the whole report, newline included. */
export type Reporter = (result: CheckResult) => string;

/** Lines and columns as people and most tools count them: from 1, in UTF-16 code units, the end exclusive. */
export interface Position {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function positionOf(range: SourceRange): Position {
  return {
    startLine: range.startLine + 1,
    startColumn: range.startColumn + 1,
    endLine: range.endLine + 1,
    endColumn: range.endColumn + 1,
  };
}
