/** The engine's findings in the editor's words. */
import { type Diagnostic, DiagnosticSeverity, type Range } from "vscode-languageserver";
import type { Finding, Severity, SourceRange } from "../findings/finding.ts";
import { rulePage } from "../findings/rulePage.ts";

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/**
 * `locate` gives the URI under which the editor knows a file. Without `related` the second places are told in the
 * message, for editors that cannot show them beside it.
 */
export function toDiagnostic(
  finding: Finding,
  locate: (path: string) => string,
  related: boolean,
): Diagnostic {
  const places = finding.related.map(({ path, range, message }) => ({
    location: { uri: locate(path), range: toRange(range) },
    message,
  }));
  return {
    source: "Threadproof",
    code: finding.rule,
    codeDescription: { href: rulePage(finding.rule) },
    severity: severities[finding.severity],
    range: toRange(finding.range),
    message: related ? finding.message : [finding.message, ...finding.related.map(inWords)].join("\n"),
    ...(related && places.length > 0 ? { relatedInformation: places } : {}),
    data: { evidence: finding.evidence, symbol: finding.symbol, function: finding.function },
  };
}

export function toRange(range: SourceRange): Range {
  return {
    start: { line: range.startLine, character: range.startColumn },
    end: { line: range.endLine, character: range.endColumn },
  };
}

function inWords({ path, range, message }: Finding["related"][number]): string {
  return `${path}:${range.startLine + 1}: ${message}`;
}
