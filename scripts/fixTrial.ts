// Tries the fixes on real code, in library mode:
//   npm run fix-trial -- [--count 200] [--alone] [--tests] [--list FILE] FOLDER…
// Each folder is one program; without one it is the standard library of the Python found. Tells of each kind of fix how
// many results compile, lose their finding and bring no new one, and with --tests how many changed modules of
// the standard library still pass their own tests.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { Workspace } from "../server/src/analysis/workspace.ts";
import type { Finding } from "../server/src/findings/finding.ts";
import { compileErrors, pythonsFound } from "./fixTrial/compile.ts";
import { OwnTests } from "./fixTrial/ownTests.ts";
import { type FixTrial, kindOf, tryFixes } from "./fixTrial/trial.ts";
import { standardLibrary } from "./standardLibrary.ts";

interface Options {
  readonly count: string;
  readonly alone?: true;
  readonly tests?: true;
  readonly list?: string;
}

const command = new Command("fix-trial")
  .argument("[folders...]")
  .option("--count <n>", "findings to try, in equal shares from all folders", "200")
  .option("--alone", "take every file for a program of its own, which is faster")
  .option(
    "--tests",
    "of a standard library with its `test` package: run its own tests against each changed module",
  )
  .option("--list <file>", "write every trial that failed, as JSON lines")
  .parse();
const options = command.opts<Options>();
const library = await standardLibrary();
const folders = command.args.length > 0 ? command.args : [library];
const share = Math.ceil(Number(options.count) / folders.length);
if (!(share > 0)) command.error("error: --count needs a number from 1 on");

const trials: FixTrial[] = [];
for (const folder of folders) {
  const files = pythonFiles(path.resolve(folder));
  const programs = options.alone === true ? files.map((file) => [file]) : [files];
  const found: { finding: Finding; files: readonly string[] }[] = [];
  for (const program of programs) {
    const findings = (await load(program)).allFindings().filter(({ guard }) => guard !== undefined);
    found.push(...findings.map((finding) => ({ finding, files: program })));
  }
  const chosen = spread(found, share);
  console.log(`${folder}: ${chosen.length} of ${found.length} findings with a lock fix`);
  let loaded: { files: readonly string[]; workspace: Workspace } | undefined;
  for (const { finding, files: program } of chosen) {
    if (loaded?.files !== program) loaded = { files: program, workspace: await load(program) };
    trials.push(...tryFixes(loaded.workspace, finding));
  }
}

async function load(files: readonly string[]): Promise<Workspace> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  for (const file of files) workspace.update(file, readFileSync(file, "utf8"));
  return workspace;
}

const pythons = await pythonsFound();
if (pythons.length === 0) command.error("error: no CPython from 3.13 on was found");
const made = trials.filter((trial) => trial.fix.disabled === undefined);
const texts = made.flatMap((trial) => [...trial.texts.values()]);
const broken = new Map<string, string>();
for (const python of pythons) {
  const errors = await compileErrors(python.executable, texts);
  for (const [i, error] of errors.entries()) if (error !== null) broken.set(texts[i]!, error);
}
const errorOf = (trial: FixTrial) => [...trial.texts.values()].map((text) => broken.get(text)).find(Boolean);

const table = new Table({
  chars: {},
  style: { head: [], border: [] },
  head: [
    "fix",
    "offered",
    "compiles",
    "finding gone",
    "none new on the data",
    "none new elsewhere",
    "none revealed",
    "not repeatable",
  ],
});
for (const kind of [...new Set(trials.map(({ fix }) => kindOf(fix)))].sort()) {
  const of = trials.filter(({ fix }) => kindOf(fix) === kind);
  if (of[0]!.fix.disabled !== undefined) table.push([kind, of.length, "", "", "", "", "", ""]);
  else {
    table.push([
      kind,
      of.length,
      of.filter((trial) => errorOf(trial) === undefined).length,
      of.filter(({ isGone }) => isGone).length,
      of.filter(({ addedSame }) => addedSame.length === 0).length,
      of.filter(({ addedOther }) => addedOther.length === 0).length,
      of.filter(({ revealed }) => revealed.length === 0).length,
      of.filter(({ isRepeatable }) => !isRepeatable).length,
    ]);
  }
}
console.log(`compiled on ${pythons.map(({ build }) => build).join(" and ")}\n${table.toString()}`);

if (options.tests === true) {
  const python = pythons.find(({ build }) => !build.endsWith("t")) ?? pythons[0]!;
  const tests = new Map(
    folders.map((folder) => [folder, new OwnTests(python.executable, path.resolve(folder))]),
  );
  const passed: FixTrial[] = [];
  const failed: FixTrial[] = [];
  for (const trial of made) {
    const folder = folders.find((one) => trial.finding.path.startsWith(path.resolve(one)))!;
    const isGreen = await tests.get(folder)!.pass(trial.texts);
    if (isGreen === undefined) continue;
    (isGreen ? passed : failed).push(trial);
    console.log(`  ${isGreen ? "green" : "RED"} ${trial.finding.path} ${trial.fix.title}`);
  }
  console.log(
    `own tests on ${python.build}: ${passed.length} of ${passed.length + failed.length} stay green`,
  );
}

if (options.list !== undefined) {
  const failed = trials.map((trial) => ({ ...summary(trial), error: errorOf(trial) }));
  writeFileSync(options.list, failed.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

function summary({ finding, fix, texts: _, ...result }: FixTrial): object {
  const { path: file, range, rule, symbol, function: fn } = finding;
  const { title, disabled } = fix;
  return { file, line: range.startLine + 1, rule, symbol, function: fn, title, disabled, ...result };
}

function pythonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll("\\", "/"))
    .filter((file) => !/\/(tests?|idle_test|site-packages|lib2to3|__pycache__)\//.test(file));
}

/** So many of them, at equal distances. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}
