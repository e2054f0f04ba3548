/** The audit's report as a Markdown page. Knows no editor. */
import type { ImportsReport, ReportedImport } from "../../../server/src/imports/report.ts";

const words: Readonly<Record<ReportedImport["verdict"], string>> = {
  "no-free-threaded-build": "⚠ no free-threaded build",
  "enables-gil": "⚠ switches the GIL on",
  unknown: "unknown",
  "keeps-gil-off": "keeps the GIL off",
  pure: "no extension module",
  stdlib: "part of Python",
};
const order = Object.keys(words);

export function reportMarkdown({ python, environment, modules, dependencies }: ImportsReport): string {
  const where = environment
    ? `by what is installed in \`${environment.prefix}\``
    : "by published facts alone";
  const shown = sorted(modules.filter(({ verdict }) => verdict !== "stdlib"));
  const bad = sorted(dependencies.filter(({ verdict }) => order.indexOf(verdict) < 2));
  return [
    `# Imports, judged for ${python} ${where}`,
    shown.length > 0
      ? table(shown)
      : "No file imports anything but the standard library and the project itself.",
    ...(bad.length > 0 ? ["## Dependencies that no file imports", table(bad)] : []),
    ...shown.filter(({ verdict }) => verdict !== "pure").map(details),
  ].join("\n\n");
}

function sorted(rows: readonly ReportedImport[]): ReportedImport[] {
  return [...rows].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

function table(rows: readonly ReportedImport[]): string {
  const lines = rows.map(
    (row) =>
      `| \`${row.import}\` | ${row.distribution ?? ""} ${row.distributionVersion ?? ""} | ${words[row.verdict]} | ${row.evidence[0]?.source ?? ""} |`,
  );
  return ["| import | distribution | verdict | known from |", "| --- | --- | --- | --- |", ...lines].join(
    "\n",
  );
}

function details(row: ReportedImport): string {
  const culprits = row.culprits.map(
    ({ chain, detail }) => `- ${chain.map((name) => `\`${name}\``).join(" → ")}: ${plain(detail)}`,
  );
  const evidence = row.evidence.slice(0, 10).map(({ source, detail }) => `- *${source}*: ${plain(detail)}`);
  const rest = [...row.notes, ...row.advice].map((text) => `- ${plain(text)}`);
  return [`## ${row.import}`, [...(culprits.length > 0 ? culprits : evidence), ...rest].join("\n")].join(
    "\n\n",
  );
}

/** Evidence quotes files and other people's words. */
function plain(text: string): string {
  return text.replaceAll(/[\\*_`<>[\]]/g, (char) => `\\${char}`);
}
