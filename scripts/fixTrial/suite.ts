// What a test suite is asked, and what every run of one has in common.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Python } from "./compile.ts";
import type { Project } from "./projects.ts";
import { runTests, type TestRun } from "./testRun.ts";

export interface Selection {
  /** Files of the copy that are changed; what of them runs is written down. */
  readonly changed: readonly string[];
  /** The only tests to run; all when absent. */
  readonly only?: readonly string[] | undefined;
  /** Tests to leave out, because they fail anyway. */
  readonly without: readonly string[];
}

export interface Outcome {
  /** Tests, or files of tests, that failed; never empty when the run did not end well. */
  readonly failures: readonly string[];
  /** How many tests passed. */
  readonly passed: number;
  readonly ran: readonly RanLine[];
  readonly durationMs: number;
  /** The end of what it wrote. */
  readonly output: string;
}

/** A line of a changed file that ran. */
export interface RanLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The function it stands in as Python names it, such as `Pool.take.<locals>.check`. */
  readonly function: string;
}

export interface Suite {
  /** False when no test belongs to any of these files, but those to be left out. */
  covers(changed: readonly string[], without: ReadonlySet<string>): boolean;
  /** Whether one of these failed tests belongs to one of these files, as far as names tell. */
  isAbout(changed: readonly string[], failures: readonly string[]): boolean;
  run(selection: Selection): Promise<Outcome>;
}

/** What one run is given, and where it writes what it sees. */
export interface Place {
  readonly python: Python;
  readonly project: Project;
  /** The copy of the project. */
  readonly folder: string;
  /** How long one run may take, milliseconds. */
  readonly limitMs: number;
}

/**
 * Runs Python in the copy, with what notes the lines that run.
 * @param env as the suite needs it; told a folder to write into, which is gone afterwards
 * @param read what the suite has written there
 */
export async function runIn<T>(
  place: Place,
  selection: Selection,
  prepare: (notes: string) => { arguments: readonly string[]; env: Readonly<Record<string, string>> },
  read: (notes: string, run: TestRun) => T,
): Promise<T & { ran: readonly RanLine[]; durationMs: number; output: string }> {
  const notes = mkdtempSync(path.join(tmpdir(), "fix-trial-notes-"));
  try {
    const { arguments: args, env } = prepare(notes);
    const lines = path.join(notes, "lines");
    const run = await runTests({
      python: place.python.executable,
      arguments: args,
      cwd: place.folder,
      env: {
        PYTHONDONTWRITEBYTECODE: "1",
        // One extension module that does not declare itself would switch the GIL on for all that is tested.
        ...(place.python.build.endsWith("t") && { PYTHON_GIL: "0" }),
        PYTHONPATH: [path.resolve("scripts/fixTrial/inPython"), ...pathsOf(place)].join(path.delimiter),
        FIX_TRIAL_FILES: selection.changed.join(path.delimiter),
        FIX_TRIAL_LINES: lines,
        ...env,
      },
      limitMs: place.limitMs,
    });
    const { durationMs, output } = run;
    return { ...read(notes, run), ran: ranLines(textOf(lines)), durationMs, output };
  } finally {
    rmSync(notes, { recursive: true, force: true });
  }
}

function pathsOf({ project, folder }: Place): string[] {
  return project.path.map((entry) => path.join(folder, entry));
}

function ranLines(text: string): RanLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((entry) => {
      const [file, line, fn] = entry.split("\t");
      return { file: file!, line: Number(line), function: fn! };
    });
}

/** Empty when nothing was written. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
