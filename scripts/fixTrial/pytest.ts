// A project's tests as pytest runs them; a plugin tells what became of each.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Outcome, type Place, runIn, type Selection, type Suite, textOf } from "./suite.ts";
import type { TestRun } from "./testRun.ts";

interface TestEvent {
  readonly test: string;
  readonly what: "started" | "passed" | "failed" | "finished";
}

export class PytestSuite implements Suite {
  constructor(private readonly place: Place) {}

  covers(): boolean {
    return true;
  }

  /** Projects name their tests as they like. */
  isAbout(): boolean {
    return false;
  }

  run(selection: Selection): Promise<Outcome> {
    return runIn(
      this.place,
      selection,
      (notes) => {
        const choice = path.join(notes, "choice");
        writeFileSync(choice, JSON.stringify({ only: selection.only ?? null, without: selection.without }));
        return {
          arguments: ["-m", "pytest", ...options, ...this.place.project.arguments],
          env: { FIX_TRIAL_TESTS: path.join(notes, "tests"), FIX_TRIAL_CHOICE: choice },
        };
      },
      (notes, run) => outcome(textOf(path.join(notes, "tests")), run),
    );
  }
}

const options = [
  ...["-p", "fix_trial_tests", "-p", "no:cacheprovider", "-p", "no:randomly"],
  ...["-q", "--tb=short", "--continue-on-collection-errors"],
];

function outcome(text: string, { exitCode, isOverdue, output }: TestRun) {
  const events = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as TestEvent]));
  const of = (wanted: TestEvent["what"]) =>
    new Set(events.filter(({ what }) => what === wanted).map(({ test }) => test));
  const finished = of("finished");
  const failures = of("failed");
  // What ended the run without an end of its own: a crash, os._exit, or a deadlock and the time limit.
  for (const test of of("started")) if (!finished.has(test)) failures.add(test);
  const isWell = exitCode === 0 || exitCode === 1 || exitCode === nothingToRun;
  if (failures.size === 0 && (isOverdue || !isWell)) {
    failures.add(isOverdue ? "(the run did not end)" : `(the run itself: ${lastLine(output)})`);
  }
  return { failures: [...failures], passed: of("passed").size };
}

const nothingToRun = 5;

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}
