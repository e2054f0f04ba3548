/** The result as a table for a terminal; plain when the output is none. */
import Table from "cli-table3";
import pc from "picocolors";
import type { BenchResult } from "../result.ts";
import { costLines, tableHead, tableRows } from "./table.ts";

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

export function reportText(result: BenchResult, { colours, width }: TextOptions): string {
  const paint = pc.createColors(colours);
  const table = new Table({
    head: [...tableHead],
    chars: plainBorders,
    style: { head: colours ? ["bold"] : [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
  });
  table.push(...tableRows(result));
  const reasons = result.reasons.map(({ message }) => wrap(`- ${message}`, width, "  "));
  return [
    paint.bold(wrap(result.verdict, width, "")),
    "",
    table.toString().replace(/ +$/gm, ""),
    "",
    ...costLines(result),
    "",
    ...reasons,
    "",
  ].join("\n");
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
