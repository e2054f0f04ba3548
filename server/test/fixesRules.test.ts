// Every lock fix of every case of every rule, in several layouts: CPython compiles the result, the finding is gone, no
// other has come, and there is nothing to repeat.
import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type FixTrial, kindOf, tryFixes } from "../../scripts/fixTrial/trial.ts";
import { Workspace } from "../src/analysis/workspace.ts";
import { compileErrors, python } from "./fixesHarness.ts";
import { variations } from "./layoutVariations.ts";
import { readCases } from "./ruleCases.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/rules");
const fixtures = readdirSync(folder).filter((file) => file.endsWith(".py"));

/** `fixture: case: rule symbol`, with what is wrong there; each is a fault to mend, none is skipped. */
const known: Readonly<Record<string, string>> = {};

interface Tried extends FixTrial {
  /** `fixture: case: rule symbol`. */
  readonly name: string;
}

describe.each(variations)("lock fixes, $name", ({ change }) => {
  const tried: Tried[] = [];

  beforeAll(async () => {
    const cases = fixtures.flatMap((file) =>
      readCases(path.join(folder, file)).map((one) => ({ ...one, file: file.slice(0, -3) })),
    );
    const texts = cases.map(({ files }) => new Map([...files].map(([name, text]) => [name, change(text)])));
    const errors = await compileErrors(texts.flatMap((files) => [...files.values()]));
    let at = 0;
    for (const [i, { file, title, options }] of cases.entries()) {
      const files = texts[i]!;
      const isPython = [...files.values()].map(() => errors[at++]).every((error) => error === null);
      if (!isPython) continue; // cases about broken code, and what a variation has broken
      const workspace = await Workspace.create(options);
      for (const [name, text] of files) workspace.update(name, text);
      for (const finding of workspace.allFindings()) {
        if (finding.guard === undefined) continue;
        for (const trial of tryFixes(workspace, finding)) {
          if (!trial.fix.title.startsWith("Guard")) continue;
          tried.push({ ...trial, name: `${file}: ${title}: ${finding.rule} ${finding.symbol}` });
        }
      }
    }
  }, 300_000);

  const made = () => tried.filter(({ fix }) => fix.disabled === undefined);
  // Taking the lock at one of several places is one step of several, and long waits are told in the title.
  const unexpected = ({ fix, finding, addedSame, addedOther }: Tried) => [
    ...addedSame.filter(
      (key) =>
        fix.title.startsWith("Guard every") ||
        finding.guard?.plan === undefined ||
        !key.startsWith("inconsistent-guard"),
    ),
    ...addedOther.filter(
      (key) => !(fix.title.includes("also while") && key.startsWith("blocking-call-holding-lock")),
    ),
  ];
  const isKnown = ({ name }: Tried) => name in known;

  test("are offered for most findings", () => {
    expect(made().length).toBeGreaterThan(250);
    expect(made().filter((trial) => kindOf(trial.fix) === "guard every access").length).toBeGreaterThan(60);
  });

  test.each(["3.13", "3.13t"] as const)("compile on %s", async (kind) => {
    expect(python(kind)).toBeDefined();
    const texts = made().flatMap((trial) => [...trial.texts.values()]);
    const errors = await compileErrors(texts, kind);
    expect(texts.filter((_, i) => errors[i] !== null)).toEqual([]);
  });

  test("take the finding away, once and for all", () => {
    const left = made().filter((trial) => !isKnown(trial) && (!trial.isGone || trial.isRepeatable));
    expect(left.map(({ name, fix }) => `${name}: ${fix.title}`)).toEqual([]);
  });

  test("bring no new finding", () => {
    const worse = made().filter((trial) => !isKnown(trial) && unexpected(trial).length > 0);
    expect(worse.map((trial) => [trial.name, trial.fix.title, ...unexpected(trial)])).toEqual([]);
  });

  test("have no known fault that is mended", () => {
    const faulty = new Set(
      made()
        .filter((trial) => !trial.isGone || unexpected(trial).length > 0)
        .map(({ name }) => name),
    );
    const names = new Set(tried.map(({ name }) => name));
    expect(Object.keys(known).filter((name) => names.has(name) && !faulty.has(name))).toEqual([]);
  });
});
