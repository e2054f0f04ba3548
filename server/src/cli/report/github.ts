/**
 * Annotations for GitHub Actions.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
import type { Finding, Severity } from "../../findings/finding.ts";
import { type CheckResult, positionOf } from "./report.ts";

const commands: Record<Severity, string> = {
  error: "error",
  warning: "warning",
  information: "notice",
  hint: "notice",
};

export function reportGithub({ findings }: CheckResult): string {
  return findings.map(toCommand).join("");
}

function toCommand(finding: Finding): string {
  const { startLine, startColumn, endLine, endColumn } = positionOf(finding.range);
  // GitHub refuses columns on ranges of several lines.
  const columns =
    startLine === endLine ? { col: startColumn, endColumn: Math.max(startColumn, endColumn - 1) } : {};
  const properties = Object.entries({
    file: finding.path,
    line: startLine,
    endLine,
    ...columns,
    title: `Threadproof: ${finding.rule}`,
  }).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${commands[finding.severity]} ${properties.join(",")}::${escapeData(finding.message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
