/** SARIF 2.1.0, which code-scanning dashboards read. https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Location, Log, Result } from "sarif";
import { version } from "../../../../package.json";
import type { Finding, Severity, SourceRange } from "../../findings/finding.ts";
import { rulePage } from "../../findings/rulePage.ts";
import { type CheckResult, positionOf } from "./report.ts";

const levels: Record<Severity, Result.level> = {
  error: "error",
  warning: "warning",
  information: "note",
  hint: "note",
};

export function reportSarif({ findings, skipped }: CheckResult): string {
  const rules = [...new Set(findings.map((finding) => finding.rule))].sort();
  const log: Log = {
    version: "2.1.0",
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    runs: [
      {
        tool: {
          driver: {
            name: "Threadproof",
            version,
            informationUri: "https://github.com/threadproof/threadproof",
            rules: rules.map((id) => ({ id, helpUri: rulePage(id) })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => toResult(finding, rules)),
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: skipped.map(({ path, reason }) => ({
              level: "warning",
              message: { text: `skipped: ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: toUri(path) } } }],
            })),
          },
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function toResult(finding: Finding, rules: readonly string[]): Result {
  return {
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    level: levels[finding.severity],
    message: { text: finding.message },
    locations: [
      {
        ...toLocation(finding.path, finding.range),
        logicalLocations: [{ fullyQualifiedName: finding.function, kind: "function" }],
      },
    ],
    relatedLocations: finding.related.map(({ path, range, message }, id) => ({
      id,
      ...toLocation(path, range),
      message: { text: message },
    })),
    properties: { evidence: finding.evidence, symbol: finding.symbol },
  };
}

function toLocation(path: string, range: SourceRange): Location {
  return { physicalLocation: { artifactLocation: { uri: toUri(path) }, region: positionOf(range) } };
}

/** Relative paths stay relative, so that a dashboard finds them in the repository. */
function toUri(path: string): string {
  return isAbsolute(path) ? pathToFileURL(path).href : encodeURI(path.replaceAll("\\", "/"));
}
