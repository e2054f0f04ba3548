// The tests of the standard library, which has a file or folder of tests for most of its modules.
import { existsSync } from "node:fs";
import path from "node:path";
import { type Outcome, type Place, runIn, type Selection, type Suite } from "./suite.ts";
import type { TestRun } from "./testRun.ts";

export class RegrtestSuite implements Suite {
  constructor(private readonly place: Place) {}

  covers(changed: readonly string[], without: ReadonlySet<string>): boolean {
    return this.testsOf(changed).some((name) => !without.has(name));
  }

  isAbout(changed: readonly string[], failures: readonly string[]): boolean {
    return this.testsOf(changed).some((name) => failures.includes(name));
  }

  async run(selection: Selection): Promise<Outcome> {
    const names = (selection.only ?? this.testsOf(selection.changed)).filter(
      (name) => !selection.without.includes(name),
    );
    // Without names it would run all tests that there are.
    if (names.length === 0) return { failures: [], passed: 0, ran: [], durationMs: 0, output: "" };
    return runIn(
      this.place,
      selection,
      () => ({ arguments: [...options, ...names], env: {} }),
      (_, run) => outcome(names, run),
    );
  }

  private testsOf(changed: readonly string[]): string[] {
    return [...new Set(changed.flatMap((file) => this.testOf(file) ?? []))];
  }

  /** `test_queue` for `queue.py`, `test_asyncio.test_locks` for `asyncio/locks.py`, `test_datetime` for `_pydatetime.py`. */
  private testOf(file: string): string | undefined {
    const parts = path.relative(this.place.folder, file).replace(/\.py$/, "").split(path.sep);
    const [first, last] = [parts[0]!, parts.at(-1)!.replace(/^_(py)?/, "")];
    const names = [
      ...(parts.length > 1 ? [`test_${first}/test_${last}`] : []),
      `test_${last}`,
      `test_${parts.slice(0, 2).join("_")}`,
      `test_${first}`,
    ];
    const found = names.find((name) =>
      [`${name}.py`, name].some((entry) => existsSync(path.join(this.place.folder, "test", entry))),
    );
    return found?.includes("/") ? `test.${found.replace("/", ".")}` : found;
  }
}

const options = ["-X", "frozen_modules=off", "-m", "test", "-j1", "--timeout", "120"];

function outcome(names: readonly string[], { output, exitCode, isOverdue }: TestRun) {
  const summary = output.slice(output.lastIndexOf("== Tests result"));
  const listed = /^\d+ tests? failed:\n((?: {4}.*\n?)+)/m.exec(summary)?.[1] ?? "";
  const failures = listed.split(/\s+/).filter((name) => name !== "");
  const unknown = isOverdue ? "(the run did not end)" : `(the run itself: exit status ${exitCode})`;
  if (failures.length === 0 && exitCode !== 0) failures.push(unknown);
  return { failures, passed: names.length - failures.length };
}
