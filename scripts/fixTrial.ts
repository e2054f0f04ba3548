// Tries the fixes on real code, in library mode:
//   npm run fix-trial -- [--count 200] [--alone] [--list FILE] FOLDER…
//   npm run fix-trial -- --projects LIST.json [--only NAME,…]
// Each folder is one program; without one it is the standard library of the Python found. Tells how many of the fixes'
// results compile, lose their finding and bring no new one. Projects are listed with the suite that tests them
// (fixTrial/projects.ts): each fix is written into a copy, and the project's own tests say whether they stay green.
import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { patchOf } from "./fixTrial/changes.ts";
import { compileErrors, pythonsAt, pythonsFound } from "./fixTrial/compile.ts";
import { projectOf, readProjects } from "./fixTrial/projects.ts";
import { kindsTable, offersTable, type Tested, testsTable } from "./fixTrial/report.ts";
import { testFixes } from "./fixTrial/testFixes.ts";
import type { FixTrial } from "./fixTrial/trial.ts";
import { tryProject } from "./fixTrial/tryProject.ts";
import { standardLibrary } from "./standardLibrary.ts";

interface Options {
  readonly count: string;
  readonly alone?: true;
  readonly projects?: string;
  readonly only?: string;
  readonly list?: string;
}

const command = new Command("fix-trial")
  .argument("[folders...]")
  .option("--count <n>", "findings to try, in equal shares from all projects", "200")
  .option("--alone", "take every file for a program of its own, which is faster")
  .option("--projects <file>", "JSON: projects, how to test each, and the interpreters to do it with")
  .option("--only <names>", "of the listed projects, separated by commas")
  .option("--list <file>", "write what became of every fix, as JSON lines")
  .parse();
const options = command.opts<Options>();
// By way of `exit`, where running tests are ended and copies removed.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
const listed = listedProjects();
const names = options.only?.split(",");
const chosen = listed.projects.filter(({ name }) => names === undefined || names.includes(name));
const folders =
  command.args.length > 0 || options.projects !== undefined ? command.args : [await standardLibrary()];
const projects = [...chosen, ...folders.map(projectOf)];
const share = Math.ceil(Number(options.count) / (listed.projects.length + folders.length));
if (!(share > 0)) command.error("error: --count needs a number from 1 on");

const trials = new Map<string, readonly FixTrial[]>();
const findings = new Map<string, number>();
for (const project of projects) {
  const { trials: own, tried, fixable } = await tryProject(project, share, options.alone === true);
  trials.set(project.name, own);
  findings.set(project.name, tried);
  console.log(`${project.name}: ${tried} of ${fixable} findings that offer a fix`);
}

const compilers = await pythonsFound();
if (compilers.length === 0) command.error("error: no CPython from 3.13 on was found");
const made = [...trials.values()].flat().filter(({ fix }) => fix.disabled === undefined);
const texts = made.flatMap((trial) => [...trial.texts.values()]);
const broken = new Map<string, string>();
for (const python of compilers) {
  const errors = await compileErrors(python.executable, texts);
  for (const [i, error] of errors.entries()) if (error !== null) broken.set(texts[i]!, error);
}
const errorOf = (trial: FixTrial) => [...trial.texts.values()].map((text) => broken.get(text)).find(Boolean);
const compiles = (trial: FixTrial) => errorOf(trial) === undefined;
const builds = compilers.map(({ build }) => build).join(" and ");
console.log(`compiled on ${builds}\n${kindsTable([...trials.values()].flat(), compiles)}`);
console.log(offersTable(trials, findings, compiles));

const tested: Tested[] = [];
for (const python of await pythonsAt(listed.pythons)) {
  for (const project of chosen) {
    const own = trials.get(project.name)!.filter((trial) => made.includes(trial) && compiles(trial));
    const tell = (line: string) => console.log(`  ${project.name} on ${python.build}: ${line}`);
    const result = await testFixes(project, own, python, tell);
    if (result === undefined) continue;
    tested.push(result);
    for (const [trial, verdict] of result.verdicts) {
      if (verdict.kind !== "red" && verdict.kind !== "unstable") continue;
      const { path: file, range } = trial.finding;
      const place = `${file}:${range.startLine + 1}`;
      tell(
        `${verdict.kind}: ${place}: ${trial.fix.title}\n      ${verdict.failures.slice(0, 3).join("\n      ")}`,
      );
    }
    writeList();
  }
}
if (tested.length > 0) console.log(testsTable(tested));
writeList();

function writeList(): void {
  if (options.list === undefined) return;
  const lines = [...trials].flatMap(([project, own]) =>
    own.map((trial) => {
      const verdicts = tested.flatMap(({ build, verdicts: of }) => {
        const verdict = of.get(trial);
        return verdict === undefined ? [] : [[build, verdict] as const];
      });
      const error = errorOf(trial);
      return JSON.stringify({ project, ...summary(trial), error, tests: Object.fromEntries(verdicts) });
    }),
  );
  writeFileSync(options.list, lines.map((line) => `${line}\n`).join(""));
}

function summary(trial: FixTrial): object {
  const { finding, fix, texts: _, ...result } = trial;
  const { path: file, range, rule, symbol, function: fn } = finding;
  const { title, disabled, isSafe } = fix;
  const diff = patchOf(trial, (name) => readFileSync(name, "utf8"));
  const line = range.startLine + 1;
  return { file, line, rule, symbol, function: fn, title, isSafe, disabled, ...result, diff };
}

function listedProjects() {
  if (options.projects === undefined) return { pythons: [], projects: [] };
  try {
    return readProjects(options.projects);
  } catch (error) {
    return command.error(`error: ${error instanceof Error ? error.message : error}`);
  }
}
