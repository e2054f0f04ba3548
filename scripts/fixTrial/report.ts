// The tables of a trial.
import Table from "cli-table3";
import { type FixTrial, kindOf } from "./trial.ts";
import type { Verdict } from "./verdicts.ts";

/** What one interpreter's tests said about the fixes of one project. */
export interface Tested {
  readonly project: string;
  /** `3.13t`. */
  readonly build: string;
  /** Tests of the unchanged project. */
  readonly passing: number;
  readonly failing: number;
  readonly verdicts: ReadonlyMap<FixTrial, Verdict>;
}

/** One row for each project: what was offered, and what the texts alone show. */
export function offersTable(
  projects: ReadonlyMap<string, readonly FixTrial[]>,
  findings: ReadonlyMap<string, number>,
  compiles: (trial: FixTrial) => boolean,
): string {
  const rows = [...projects].map(([name, trials]) => [
    name,
    findings.get(name)!,
    ...figures(trials, compiles),
  ]);
  const all = [...projects.values()].flat();
  const total = [...findings.values()].reduce((sum, count) => sum + count, 0);
  return tableOf(["project", "findings", ...headings], [...rows, ["all", total, ...figures(all, compiles)]]);
}

/** The same figures for each kind of fix and each rule. */
export function kindsTable(trials: readonly FixTrial[], compiles: (trial: FixTrial) => boolean): string {
  const names = (trial: FixTrial) => [kindOf(trial.fix).replace(", refused", ""), trial.finding.rule];
  const kinds = [...new Set(trials.map((trial) => names(trial).join(": ")))].sort();
  const rows = kinds.map((kind) => [
    kind,
    ...figures(
      trials.filter((trial) => names(trial).join(": ") === kind),
      compiles,
    ),
  ]);
  return tableOf(["kind: rule", ...headings], rows);
}

const headings = [
  "fixes",
  "refused",
  "compile",
  "finding gone",
  "none new on the data",
  "none new elsewhere",
  "none revealed",
  "not repeatable",
];

function figures(trials: readonly FixTrial[], compiles: (trial: FixTrial) => boolean): number[] {
  const made = trials.filter(({ fix }) => fix.disabled === undefined);
  const count = (holds: (trial: FixTrial) => boolean) => made.filter(holds).length;
  return [
    made.length,
    trials.length - made.length,
    count(compiles),
    count(({ isGone }) => isGone),
    count(({ addedSame }) => addedSame.length === 0),
    count(({ addedOther }) => addedOther.length === 0),
    count(({ revealed }) => revealed.length === 0),
    count(({ isRepeatable }) => !isRepeatable),
  ];
}

export function testsTable(tested: readonly Tested[]): string {
  const rows = tested.map(({ project, build, passing, failing, verdicts }) => {
    const all = [...verdicts.values()];
    const count = (holds: (verdict: Verdict) => boolean) => all.filter(holds).length;
    return [
      project,
      build,
      passing,
      failing,
      all.length,
      count((verdict) => verdict.kind === "green" && verdict.isRun),
      count((verdict) => verdict.kind === "green" && !verdict.isRun),
      count(({ kind }) => kind === "red"),
      count(({ kind }) => kind === "unstable"),
      count(({ kind }) => kind === "untested"),
    ];
  });
  const heads = ["tests pass", "left out", "fixes", "green", "green, not run", "red", "unstable", "no tests"];
  return tableOf(["project", "python", ...heads], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({ style: { head: [], border: [] }, head: [...head], wordWrap: true });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
