/** The machine-readable report, version 1. Fields are only ever added within a version. */
import type { Finding } from "../../findings/finding.ts";
import { type CheckResult, positionOf } from "./report.ts";

export function reportJson(result: CheckResult): string {
  return `${JSON.stringify({ version: 1, findings: result.findings.map(toJson), summary: summarise(result) }, null, 2)}\n`;
}

function toJson(finding: Finding) {
  return {
    path: finding.path,
    ...positionOf(finding.range),
    rule: finding.rule,
    severity: finding.severity,
    evidence: finding.evidence,
    symbol: finding.symbol,
    function: finding.function,
    message: finding.message,
    related: finding.related.map(({ path, range, message }) => ({ path, ...positionOf(range), message })),
  };
}

function summarise({ findings, files, skipped, baseline }: CheckResult) {
  const count = <Key extends "severity" | "evidence">(key: Key, values: readonly Finding[Key][]) =>
    Object.fromEntries(values.map((value) => [value, findings.filter((it) => it[key] === value).length]));
  return {
    files,
    findings: findings.length,
    bySeverity: count("severity", ["error", "warning", "information", "hint"]),
    byEvidence: count("evidence", ["proven", "likely", "exposed"]),
    skipped,
    ...(baseline && { baseline }),
  };
}
