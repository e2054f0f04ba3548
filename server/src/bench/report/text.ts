/** The result as a table for a terminal; plain when the output is none. */
import Table from "cli-table3";
import pc from "picocolors";
import type { BenchResult } from "../result.ts";
import { fitWords } from "./markup.ts";
import { tableHead, tableRows } from "./table.ts";
import { viewOf } from "./view.ts";

export interface TextOptions {
  readonly colours: boolean;
  /** Columns of the terminal; explanations are wrapped at it. */
  readonly width: number;
}

const plainBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

export function reportText(
  result: BenchResult,
  { colours, width }: TextOptions,
  before?: BenchResult,
): string {
  const paint = pc.createColors(colours);
  const view = viewOf(result, before);
  const { comparison } = view;
  const reasons = view.reasons.map(({ message, evidence, link }) =>
    wrap(
      `- ${message}${evidence === undefined ? "" : ` ${evidence}`}${link ? ` (${link.path}:${link.line})` : ""}`,
      width,
      "  ",
    ),
  );
  const escapes = view.escapes.map(({ label, fit, because, best }) =>
    wrap(`- ${label}: ${best ? "best fit" : fitWords[fit]}. ${because}`, width, "  "),
  );
  const section = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? [paint.bold(title), ...lines, ""] : [];
  return [
    paint.bold(wrap(view.answer, width, "")),
    "",
    table(tableHead, tableRows(result), colours),
    "",
    ...view.costs.map((line) => wrap(line, width, "  ")),
    "",
    ...(comparison
      ? section("Compared with the run before", [
          wrap(comparison.answer, width, ""),
          table(comparison.head, comparison.rows, colours),
        ])
      : []),
    ...section("Why", reasons),
    ...section("Which way out fits", escapes),
    paint.bold("Again"),
    `  ${view.commandLine}`,
    "",
  ].join("\n");
}

/** Columns that hold figures are aligned to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], colours: boolean): string {
  const left = new Set(["Build", "GIL", "Change", "Clear"]);
  const made = new Table({
    head: [...head],
    chars: plainBorders,
    style: { head: colours ? ["bold"] : [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((name) => (left.has(name) ? "left" : "right")),
  });
  made.push(...rows.map((cells) => [...cells]));
  return made.toString().replace(/ +$/gm, "");
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].join("\n");
}
