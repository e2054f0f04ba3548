// Tries the fixes on real code, in library mode:
//   npm run fix-trial -- [--count 200] [--tests] [--list FILE] FOLDER…
// Each folder is one program; without one it is the standard library of the Python found. Tells of each kind of fix how
// many results compile, lose their finding and bring no new one, and with --tests how many changed modules of
// the standard library still pass their own tests.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { Workspace } from "../server/src/analysis/workspace.ts";
import { compileErrors, pythonsFound } from "./fixTrial/compile.ts";
import { type FixTrial, kindOf, tryFixes } from "./fixTrial/trial.ts";
import { standardLibrary } from "./standardLibrary.ts";

interface Options {
  readonly count: string;
  readonly tests?: true;
  readonly list?: string;
}

const command = new Command("fix-trial")
  .argument("[folders...]")
  .option("--count <n>", "findings to try, in equal shares from all folders", "200")
  .option("--tests", "run the standard library's own tests against each changed module")
  .option("--list <file>", "write every trial that failed, as JSON lines")
  .parse();
const options = command.opts<Options>();
const library = await standardLibrary();
const folders = command.args.length > 0 ? command.args : [library];
const share = Math.ceil(Number(options.count) / folders.length);
if (!(share > 0)) command.error("error: --count needs a number from 1 on");

const trials: FixTrial[] = [];
for (const folder of folders) {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  for (const file of pythonFiles(path.resolve(folder))) workspace.update(file, readFileSync(file, "utf8"));
  const findings = workspace.allFindings().filter((finding) => finding.guard !== undefined);
  const chosen = spread(findings, share);
  console.log(`${folder}: ${chosen.length} of ${findings.length} findings with a lock fix`);
  for (const finding of chosen) trials.push(...tryFixes(workspace, finding));
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
  head: ["fix", "offered", "compiles", "finding gone", "no new finding", "nothing to repeat"],
});
for (const kind of [...new Set(trials.map(({ fix }) => kindOf(fix)))].sort()) {
  const of = trials.filter(({ fix }) => kindOf(fix) === kind);
  if (of[0]!.fix.disabled !== undefined) table.push([kind, of.length, "", "", "", ""]);
  else {
    table.push([
      kind,
      of.length,
      of.filter((trial) => errorOf(trial) === undefined).length,
      of.filter(({ isGone }) => isGone).length,
      of.filter(({ added }) => added.length === 0).length,
      of.filter(({ isRepeatable }) => !isRepeatable).length,
    ]);
  }
}
console.log(`compiled on ${pythons.map(({ build }) => build).join(" and ")}\n${table.toString()}`);

if (options.list !== undefined) {
  const failed = trials.map((trial) => ({ ...summary(trial), error: errorOf(trial) }));
  writeFileSync(options.list, failed.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

function summary({ finding, fix, isGone, added, isRepeatable }: FixTrial): object {
  const { path: file, range, rule, symbol, function: fn } = finding;
  return {
    file,
    line: range.startLine + 1,
    rule,
    symbol,
    function: fn,
    title: fix.title,
    disabled: fix.disabled,
    isGone,
    added,
    isRepeatable,
  };
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
