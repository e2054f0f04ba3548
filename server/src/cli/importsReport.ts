/** The audit of a project as a table for people and as JSON, version 1. */
import Table from "cli-table3";
import picocolors from "picocolors";
import { type AuditedImport, isInTheWay, type ProjectAudit } from "../imports/projectAudit.ts";
import { importsReport } from "../imports/report.ts";
import type { ImportVerdict, VerdictKind } from "../imports/verdict.ts";
import { shownPath } from "./loadSources.ts";

const words: Readonly<Record<VerdictKind, string>> = {
  "no-free-threaded-build": "no free-threaded build",
  "enables-gil": "switches the GIL on",
  unknown: "unknown",
  "keeps-gil-off": "keeps the GIL off",
  pure: "pure Python",
  stdlib: "standard library",
};
const order = Object.keys(words) as VerdictKind[];

export function importsJson(audit: ProjectAudit): string {
  return `${JSON.stringify(importsReport(audit), null, 2)}\n`;
}

export function importsText({ audit, imports, dependencies }: ProjectAudit): string {
  const colours = colourful();
  const shown = imports.filter(({ verdict }) => verdict.verdict !== "stdlib");
  const parts = [
    heading(audit),
    ...(shown.length > 0 ? [tableOf("import", shown, colours)] : []),
    ...explanations(shown),
    ...(dependencies.some(isInTheWay)
      ? [
          "Dependencies that these files do not import:",
          tableOf("dependency", dependencies.filter(isInTheWay), colours),
        ]
      : []),
    summary(imports, audit.build),
  ];
  return `${parts.join("\n")}\n`;
}

function heading({ environment, build, exact }: ProjectAudit["audit"]): string {
  if (!environment) return `Judged for ${build} by published knowledge alone: no environment was found.`;
  const where = shownPath(environment.prefix);
  return exact
    ? `Judged for ${build} by the files in ${where}.`
    : `Judged for ${build} by the versions in ${where}; its files are for ${environment.version.join(".")}${environment.freeThreaded ? "t" : " with the GIL"}.`;
}

function tableOf(title: string, rows: readonly AuditedImport[], colours: typeof picocolors): string {
  const table = new Table({
    head: [title, "distribution", "verdict", "known from", "where"],
    style: { head: [], border: [], compact: true },
  });
  const sorted = [...rows].sort(
    (a, b) => order.indexOf(a.verdict.verdict) - order.indexOf(b.verdict.verdict),
  );
  for (const { verdict, places, optional } of sorted) {
    const { distribution, distributionVersion } = verdict;
    const [first] = places;
    const where = first ? `${shownPath(first.path)}:${first.line + 1}` : "";
    table.push([
      verdict.import,
      [distribution, distributionVersion].filter(Boolean).join(" "),
      `${paint(verdict, colours)}${optional ? " (optional)" : ""}`,
      verdict.evidence[0]?.source ?? "",
      places.length > 1 ? `${where} and ${places.length - 1} more` : where,
    ]);
  }
  return table.toString();
}

/** For every import in the way: the first culprit with its chain, all others by name, the evidence, what to do. */
function explanations(rows: readonly AuditedImport[]): string[] {
  return rows.filter(isInTheWay).flatMap(({ verdict }) => {
    const [first, ...others] = verdict.culprits;
    const lines = first
      ? [`  ${first.chain.join(" → ")}`, `  ${first.detail}`]
      : verdict.evidence.map(({ detail }) => `  ${detail}`);
    if (first?.file !== undefined) lines.push(`  File: ${shownPath(first.file)}`);
    if (others.length > 0) lines.push(`  Likewise: ${others.map(({ module }) => module).join(", ")}`);
    return [`${verdict.import}:`, ...lines, ...verdict.advice.map((one) => `  ${one}`), ""];
  });
}

function summary(imports: readonly AuditedImport[], build: string): string {
  const count = (kind: VerdictKind) => imports.filter(({ verdict }) => verdict.verdict === kind).length;
  const bad = imports.filter(isInTheWay).length;
  const amounts = order
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${words[kind]}`)
    .join(", ");
  const unknown = count("unknown");
  const head =
    bad > 0
      ? `The GIL does not stay off on ${build}.`
      : unknown > 0
        ? `Nothing is known to switch the GIL on on ${build}, but ${unknown} imports could not be judged.`
        : `The GIL stays off on ${build}.`;
  return `${head} ${imports.length} imports${amounts ? `: ${amounts}` : ""}.`;
}

function paint({ verdict }: ImportVerdict, colours: typeof picocolors): string {
  const colour = {
    stdlib: colours.green,
    pure: colours.green,
    "keeps-gil-off": colours.green,
    unknown: colours.yellow,
  };
  return (verdict in colour ? colour[verdict as keyof typeof colour] : colours.red)(words[verdict]);
}

function colourful(): typeof picocolors {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const wanted = process.stdout.isTTY === true || (FORCE_COLOR !== undefined && FORCE_COLOR !== "0");
  return picocolors.createColors(NO_COLOR === undefined && wanted) as typeof picocolors;
}
