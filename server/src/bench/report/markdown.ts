/** The result as Markdown, to paste into an issue or a decision record. Pure. */
import type { BenchResult } from "../result.ts";
import { fitWords } from "./markup.ts";
import { tableHead, tableRows } from "./table.ts";
import { viewOf } from "./view.ts";

export function reportMarkdown(result: BenchResult, before?: BenchResult): string {
  const view = viewOf(result, before);
  const { comparison, escapes } = view;
  return [
    `### ${view.title}`,
    "",
    `**${view.answer}**`,
    "",
    `${view.subtitle}.`,
    "",
    ...table(tableHead, tableRows(result)),
    ...view.costs.map((line) => `${line}.`),
    "",
    ...(comparison
      ? [
          "#### Compared with the run before",
          "",
          comparison.answer,
          "",
          ...table(comparison.head, comparison.rows),
        ]
      : []),
    "#### Why",
    "",
    ...view.reasons.map(
      ({ message, evidence, link }) =>
        `- ${message}${evidence === undefined ? "" : ` ${evidence}`}${link ? ` (\`${link.path}:${link.line}\`)` : ""}`,
    ),
    "",
    ...(escapes.length > 0
      ? [
          "#### Which way out fits",
          "",
          ...table(
            ["Way out", "Fit", "Because"],
            escapes.map(({ label, fit, because, best }) => [
              label,
              best ? "**best fit**" : fitWords[fit],
              because,
            ]),
          ),
        ]
      : []),
    `Builds: ${result.lanes.map((lane) => `${lane.id} is Python ${lane.pythonVersion}`).join(", ")}.`,
    "",
    "```sh",
    view.commandLine,
    "```",
    "",
  ].join("\n");
}

/** The first column is a name, the others are figures or short words, except for sentences. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const figures = (index: number) => index > 0 && rows.every((cells) => /^[\d.]/.test(cells[index] ?? ""));
  const alignment = head.map((_, index) => (figures(index) ? "---:" : "---"));
  const row = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(head), `| ${alignment.join(" | ")} |`, ...rows.map(row), ""];
}
