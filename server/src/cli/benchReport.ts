/** A benchmark's result in each format of the command line. */
import type { WriteStream } from "node:tty";
import { reportCsv } from "../bench/report/csv.ts";
import { reportMarkdown } from "../bench/report/markdown.ts";
import { reportSvg } from "../bench/report/svg.ts";
import { reportText } from "../bench/report/text.ts";
import type { BenchResult } from "../bench/result.ts";

export const benchFormats = ["text", "json", "markdown", "csv", "svg"] as const;
export type BenchFormat = (typeof benchFormats)[number];

const widest = 110;

/** @param out where it will be written: colours and width follow it */
export function writeReport(
  result: BenchResult,
  before: BenchResult | undefined,
  format: BenchFormat,
  { isTTY, columns = 100 }: Partial<Pick<WriteStream, "isTTY" | "columns">>,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(result, null, 2)}\n`;
    case "markdown":
      return reportMarkdown(result, before);
    case "csv":
      return reportCsv(result);
    case "svg":
      return reportSvg(result);
    case "text": {
      const colours = Boolean(isTTY) && !process.env.NO_COLOR;
      return reportText(result, { colours, width: Math.min(columns, widest) }, before);
    }
  }
}
