/** What an inspection of a build file says; becomes a finding, with its repair, once the room is done. */
import type { Finding, Severity } from "../findings/finding.ts";
import { rangeIn } from "../findings/rangeIn.ts";
import type { TextFix } from "../fixes/fix.ts";
import type { DescribedRule } from "../rules/rule.ts";
import type { BuildFile } from "./buildFile.ts";

/** A replacement in the file of the report, in UTF-16 offsets. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface BuildReport {
  readonly rule: DescribedRule;
  readonly file: BuildFile;
  readonly start: number;
  readonly end: number;
  readonly symbol: string;
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  /** A repair that reading can make; its title tells what it claims. */
  readonly repair?: { readonly title: string; readonly edits: readonly Replacement[] };
}

export interface BuildFinding extends Finding {
  readonly fixes: readonly TextFix[];
}

export function toFinding(report: BuildReport): BuildFinding {
  const { rule, file, start, end, symbol, message, severity, repair } = report;
  const { path, text } = file;
  return {
    path,
    range: rangeIn(text, start, end),
    rule: rule.meta.name,
    severity: severity ?? rule.meta.severity,
    evidence: "likely",
    symbol,
    function: "<module>",
    message,
    related: [],
    // A repair mostly declares what only a person can know, so none is applied without being chosen.
    fixes: repair
      ? [{ title: repair.title, edits: repair.edits.map((edit) => ({ path, ...edit })), isPreferred: false }]
      : [],
  };
}
