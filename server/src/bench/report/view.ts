/** Everything that a page shows of a result, ready to draw; the editor is handed this and needs no code of ours. Pure. */
import { basename } from "node:path";
import type { BenchResult, Link } from "../result.ts";
import { type Comparison, compareResults } from "./compare.ts";
import { type Escape, escapesFor } from "./escapes.ts";
import { type LegendEntry, legendOf } from "./marks.ts";
import { type Measured, type Picture, picturesOf } from "./pictures.ts";
import { costLines, groupHead, type TableGroup, tableGroups } from "./table.ts";

/** What is drawn, also of a benchmark that is still running. */
export interface DrawnView {
  readonly legend: readonly LegendEntry[];
  readonly pictures: readonly Picture[];
}

export interface ReportView extends DrawnView {
  /** What was run: `app.py`, or `work() in app.py`. */
  readonly title: string;
  /** When and how, in one line. */
  readonly subtitle: string;
  /** One sentence that a person can repeat. */
  readonly answer: string;
  readonly table: { readonly head: readonly string[]; readonly groups: readonly TableGroup[] };
  /** One sentence per pair of builds. */
  readonly costs: readonly string[];
  readonly reasons: readonly ReasonView[];
  readonly escapes: readonly Escape[];
  readonly builds: readonly string[];
  readonly commandLine: string;
  /** With an earlier result of the same program. */
  readonly comparison?: Comparison;
}

export interface ReasonView {
  readonly message: string;
  readonly evidence?: string;
  readonly link?: Link;
}

/** @param before an earlier result to compare with */
export function viewOf(result: BenchResult, before?: BenchResult): ReportView {
  return {
    title: titleOf(result),
    subtitle: subtitleOf(result),
    answer: result.verdict,
    ...drawnView(result),
    table: { head: groupHead, groups: tableGroups(result) },
    costs: costLines(result),
    reasons: reasonsOf(result),
    escapes: escapesFor(result),
    builds: buildLines(result),
    commandLine: result.commandLine,
    ...(before && { comparison: compareResults(before, result) }),
  };
}

export function drawnView(measured: Measured): DrawnView {
  return { legend: legendOf(measured), pictures: picturesOf(measured) };
}

export function titleOf({ file, function: target }: Pick<BenchResult, "file" | "function">): string {
  const name = basename(file.replaceAll("\\", "/"));
  return target ? `${target.name}(${target.arguments}) in ${name}` : name;
}

export function subtitleOf({ mode, startedAt, rounds, machine }: BenchResult): string {
  const how = {
    program: "the whole program",
    "function-weak": "one function, a call for each worker",
    "function-strong": "one function, its work split over the workers",
  }[mode];
  const when = `${startedAt.slice(0, 10)} ${startedAt.slice(11, 19)} UTC`;
  const counted = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  return `${when}, ${how}, ${counted} on ${machine.cpus} ${machine.cpus === 1 ? "core" : "cores"} (${machine.cpu})`;
}

function reasonsOf({ reasons }: BenchResult): ReasonView[] {
  return reasons.map(({ message, evidence, link }) => ({
    message,
    ...(evidence !== undefined && { evidence }),
    ...(link && { link }),
  }));
}

/** Interpreters once each, and what could not be measured. */
export function buildLines({ lanes, unavailable }: BenchResult): string[] {
  const builds = new Map(lanes.map(({ python, pythonVersion }) => [python, pythonVersion]));
  const of = (python: string) =>
    lanes
      .filter((lane) => lane.python === python)
      .map(({ id }) => id)
      .join(", ");
  return [
    ...[...builds].map(([python, version]) => `${of(python)}: Python ${version}, \`${python}\``),
    ...unavailable.map(({ id, reason }) => `${id} not measured: ${reason}`),
  ];
}
