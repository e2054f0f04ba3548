// Runs one project's tests against the fixes, with one interpreter.
import { changesOf } from "./changes.ts";
import type { Python } from "./compile.ts";
import { ProjectBench } from "./projectBench.ts";
import type { Project } from "./projects.ts";
import type { Tested } from "./report.ts";
import type { FixTrial } from "./trial.ts";
import { inWords, judge, type Verdict } from "./verdicts.ts";

/** @returns undefined where the tests cannot judge: none passes, or what they test is not the copy */
export async function testFixes(
  project: Project,
  trials: readonly FixTrial[],
  python: Python,
  tell: (line: string) => void,
): Promise<Tested | undefined> {
  const { suite } = project;
  if (suite === undefined || trials.length === 0) return undefined;
  const bench = new ProjectBench(python, { ...project, suite });
  try {
    const files = [...new Set(trials.flatMap(({ texts }) => [...texts.keys()]))];
    const { outcome, failing, isSeen } = await bench.baseline(files);
    tell(`unchanged: ${inWords(outcome)}`);
    if (outcome.passed === 0 || !isSeen) {
      tell(
        outcome.passed === 0 ? outcome.output.slice(-2000) : "its tests do not see what is changed: left out",
      );
      return undefined;
    }
    const changes = changesOf(trials);
    const verdicts = await judge([...new Set(changes.values())], bench, failing, tell);
    const byTrial = new Map<FixTrial, Verdict>(
      trials.map((trial) => [trial, verdicts.get(changes.get(trial)!)!]),
    );
    return {
      project: project.name,
      build: python.build,
      passing: outcome.passed,
      failing: failing.size,
      verdicts: byTrial,
    };
  } finally {
    bench.end();
  }
}
