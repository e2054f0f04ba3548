/** Findings that rules about facts cannot make, such as verdicts on imports; they pass through comments and options all the same. */
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import type { Reach } from "../rules/threadReach.ts";

/** How threads get to the code at an offset; undefined for what only import, a script or `main` runs. */
export type ReachAt = (offset: number) => Reach | undefined;

export interface OtherFindings {
  /** What is known by now of a file as its text stands. */
  findings(path: string, text: string, reachAt: ReachAt): readonly Finding[];
  /** All that could be found there under other circumstances: comments that silence it are not unused. */
  possible(path: string, text: string): readonly Finding[];
}

/** The findings that the options ask for, with the severities they give. */
export function chosen(
  findings: readonly Finding[],
  { select, ignore, severity }: AnalysisOptions,
): Finding[] {
  return findings
    .filter(({ rule }) => !ignore?.includes(rule) && (select === undefined || select.includes(rule)))
    .map((finding) => ({ ...finding, severity: severity?.[finding.rule] ?? finding.severity }));
}
