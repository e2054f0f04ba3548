/** The result as Markdown, to paste into an issue or a decision record. Pure. */
import type { BenchResult } from "../result.ts";
import { costLines, tableHead, tableRows } from "./table.ts";

/**
 * @param title what was run, usually the file's name
 * @param commandLine how to run it again
 */
export function reportMarkdown(result: BenchResult, title: string, commandLine: string): string {
  const row = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  const alignment = tableHead.map((_, index) => (index === 0 || index === 7 ? "---" : "---:"));
  return [
    `### ${title}`,
    "",
    `**${result.verdict}**`,
    "",
    row(tableHead),
    `| ${alignment.join(" | ")} |`,
    ...tableRows(result).map(row),
    "",
    ...costLines(result).map((line) => `${line}.`),
    "",
    ...result.reasons.map(({ message }) => `- ${message}`),
    "",
    `Builds: ${result.lanes.map((lane) => `${lane.id} is CPython ${lane.pythonVersion}`).join(", ")}.`,
    "",
    "```sh",
    commandLine,
    "```",
    "",
  ].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
