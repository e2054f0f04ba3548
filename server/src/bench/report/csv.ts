/** The samples as CSV (RFC 4180), one line each, figures unrounded, for spreadsheets and notebooks. Pure. */
import type { BenchResult } from "../result.ts";

const columns = [
  "lane",
  "label",
  "workers",
  "python",
  "python_version",
  "gil_enabled",
  "threads",
  "median_ms",
  "low_ms",
  "high_ms",
  "speedup",
  "speedup_low",
  "speedup_high",
  "efficiency",
  "peak_mib",
  "busy_cores",
] as const;

export function reportCsv({ lanes }: BenchResult): string {
  const rows = lanes.flatMap((lane) =>
    lane.samples.map((sample) => [
      lane.id,
      lane.label,
      lane.workers,
      lane.python,
      lane.pythonVersion,
      lane.gilEnabled,
      sample.threads,
      sample.medianMs,
      sample.lowMs,
      sample.highMs,
      sample.speedup,
      sample.speedupLow,
      sample.speedupHigh,
      sample.efficiency,
      sample.peakMiB,
      sample.busyCores,
    ]),
  );
  return [columns, ...rows].map((cells) => `${cells.map(field).join(",")}\r\n`).join("");
}

function field(value: string | number | boolean): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
