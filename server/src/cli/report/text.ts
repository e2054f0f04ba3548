/** The report for people: one line per finding, its other places indented below, a sentence at the end. */
import picocolors from "picocolors";
import type { Finding, Severity, SourceRange } from "../../findings/finding.ts";
import type { CheckResult } from "./report.ts";

/** Colours are for terminals: a pipe gets none, not even in continuous integration, unless FORCE_COLOR asks. */
const { FORCE_COLOR, NO_COLOR } = process.env;
const colors = picocolors.createColors(
  NO_COLOR === undefined &&
    (process.stdout.isTTY === true || (FORCE_COLOR !== undefined && FORCE_COLOR !== "0")),
);

const paint: Record<Severity, (text: string) => string> = {
  error: colors.red,
  warning: colors.yellow,
  information: colors.blue,
  hint: colors.gray,
};

export function reportText(result: CheckResult): string {
  return [...result.findings.flatMap(toLines), summary(result)].map((line) => `${line}\n`).join("");
}

function toLines({ path, range, severity, rule, evidence, message, related }: Finding): string[] {
  const head = `${colors.bold(at(path, range))} ${paint[severity](severity)} ${rule} ${colors.dim(`[${evidence}]`)}`;
  return [
    `${head} ${message}`,
    ...related.map((place) => `  ${colors.dim(at(place.path, place.range))} ${place.message}`),
  ];
}

function at(path: string, range: SourceRange): string {
  return `${path}:${range.startLine + 1}:${range.startColumn + 1}`;
}

function summary({ findings, files, skipped, baseline }: CheckResult): string {
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  const known = baseline === undefined ? "" : `, ${baseline.known} known from the baseline`;
  const amount = findings.length === 0 ? colors.green("No findings") : counted(findings.length, "finding");
  return `${amount} in ${counted(files, "file")}${left}${known}.`;
}

function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
