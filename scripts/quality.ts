// Measures how often the rules are right, as a table:
//   npm run quality [-- FOLDER]     FOLDER defaults to the standard library of the Python found
// 1. precision and recall over the fixtures, in which known misses (FN_) and false alarms (FP_) are kept and count;
// 2. findings per thousand lines over a large body of real code, in both modes.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { Workspace } from "../server/src/analysis/workspace.ts";
import { fileRules, rules } from "../server/src/rules/index.ts";
import { readCases } from "../server/test/ruleCases.ts";
import { standardLibrary } from "./standardLibrary.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const plain = { chars: {}, style: { head: [], border: [] } };

interface Score {
  cases: number;
  right: number;
  missed: number;
  wrong: number;
}

async function scoreFixtures(): Promise<Map<string, Score>> {
  const scores = new Map<string, Score>();
  for (const { meta } of [...rules, ...fileRules]) {
    const score: Score = { cases: 0, right: 0, missed: 0, wrong: 0 };
    scores.set(meta.name, score);
    for (const fixture of readCases(path.join(root, "fixtures", "rules", `${meta.name}.py`))) {
      const workspace = await Workspace.create(fixture.options);
      for (const [file, text] of fixture.files) workspace.update(file, text);
      const found = new Set(workspace.allFindings().map((f) => `${f.path}:${f.range.startLine}:${f.rule}`));
      const wanted = new Set(fixture.marks.map((m) => `${m.path}:${m.line}:${m.rule}`));
      score.cases += 1;
      for (const key of wanted) score[found.has(key) ? "right" : "missed"] += 1;
      for (const key of found) if (!wanted.has(key)) score.wrong += 1;
    }
  }
  return scores;
}

const percent = (part: number, whole: number) =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;

function fixtureTable(scores: ReadonlyMap<string, Score>): string {
  const table = new Table({
    ...plain,
    head: ["rule", "cases", "found", "missed", "false", "precision", "recall"],
  });
  const sum: Score = { cases: 0, right: 0, missed: 0, wrong: 0 };
  const row = (name: string, s: Score) =>
    table.push([
      name,
      s.cases,
      s.right,
      s.missed,
      s.wrong,
      percent(s.right, s.right + s.wrong),
      percent(s.right, s.right + s.missed),
    ]);
  for (const [name, score] of [...scores].sort()) {
    row(name, score);
    for (const key of Object.keys(sum) as (keyof Score)[]) sum[key] += score[key];
  }
  row("all", sum);
  return table.toString();
}

async function densityTable(folder: string): Promise<string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && e.name.endsWith(".py"))
    .map((e) => path.join(e.parentPath, e.name))
    .filter((file) => !/[\\/](test|tests|idle_test|site-packages|__pycache__)[\\/]/.test(file))
    .map((file) => ({ file, text: readFileSync(file, "utf8") }));
  const lines = files.reduce((n, { text }) => n + text.split("\n").length, 0);
  const table = new Table({ ...plain, head: ["mode", "files", "lines", "warnings", "per 1,000 lines"] });
  for (const concurrency of ["auto", "library"] as const) {
    const workspace = await Workspace.create({ concurrency, target: "3.13" });
    for (const { file, text } of files) workspace.update(file, text);
    const loud = workspace.allFindings().filter((f) => f.severity === "warning" || f.severity === "error");
    table.push([concurrency, files.length, lines, loud.length, ((1000 * loud.length) / lines).toFixed(2)]);
  }
  return table.toString();
}

console.log(fixtureTable(await scoreFixtures()));
console.log(await densityTable(process.argv[2] ?? (await standardLibrary())));
