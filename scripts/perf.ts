// Measures what the analysis costs, as ratios that hold when the machine's speed drifts:
//   npm run perf [-- FOLDER]     FOLDER defaults to the standard library of the Python found
// 1. the whole analysis of a folder against the raw tree-sitter parse of the same files, in the same run;
// 2. an edit in a 5,000-line file of a workspace of 500 files, until its findings are there again.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { median, quantile } from "simple-statistics";
import { Workspace } from "../server/src/analysis/workspace.ts";
import { standardLibrary } from "./standardLibrary.ts";

const rounds = 5;

interface Source {
  readonly path: string;
  readonly text: string;
}

function pythonFiles(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](test|tests|idle_test|site-packages|__pycache__)[\\/]/.test(file))
    .map((file) => ({ path: file, text: readFileSync(file, "utf8") }));
}

/** Milliseconds by the clock, and of processor time: the latter holds when others use the machine, too. */
interface Cost {
  readonly clock: number;
  readonly processor: number;
}

function costOf(action: () => void): Cost {
  const used = process.cpuUsage();
  const start = performance.now();
  action();
  const clock = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return { clock, processor: (user + system) / 1000 };
}

function rawParser(): (text: string) => void {
  const load = createRequire(import.meta.url);
  const Parser = load("tree-sitter") as {
    new (): { setLanguage(l: unknown): void; parse(text: string): unknown };
  };
  const parser = new Parser();
  parser.setLanguage(load("tree-sitter-python"));
  return (text) => parser.parse(text);
}

async function analyse(files: readonly Source[]): Promise<{ cost: Cost; findings: number }> {
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  let findings = 0;
  const cost = costOf(() => {
    for (const file of files) workspace.update(file.path, file.text);
    findings = workspace.allFindings().length;
  });
  return { cost, findings };
}

async function wholeFolder(files: readonly Source[]): Promise<void> {
  const parse = rawParser();
  const lines = files.reduce((sum, file) => sum + file.text.split("\n").length, 0);
  const raw: Cost[] = [];
  const whole: Cost[] = [];
  let findings = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const first = costOf(() => {
      for (const file of files) parse(file.text);
    });
    const result = await analyse(files);
    findings = result.findings;
    if (round === 0) continue; // warm-up
    raw.push(first);
    whole.push(result.cost);
  }
  console.log(`${files.length} files, ${lines} lines, ${findings} findings, ${rounds} rounds`);
  for (const measure of ["clock", "processor"] as const) {
    const ratios = whole.map((cost, i) => cost[measure] / raw[i]![measure]);
    const [parsed, analysed] = [raw, whole].map((costs) => median(costs.map((cost) => cost[measure])));
    console.log(
      `${measure.padEnd(10)} raw parse ${parsed!.toFixed(0)} ms, whole analysis ${analysed!.toFixed(0)} ms, ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    );
  }
}

/** A 5,000-line file made of real code, edited at many places, among 500 files. */
async function edits(files: readonly Source[]): Promise<void> {
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  for (const file of files.slice(0, 499)) workspace.update(file.path, file.text);
  const parts: string[] = [];
  let lines = 0;
  // Whole files of middling size, so that the text is valid and made of many statements.
  const lengths = new Map(files.map((file) => [file, file.text.split("\n").length]));
  for (const file of files) {
    const length = lengths.get(file)!;
    if (lines + length > 5200 || length < 200 || length > 1000 || file.text.includes("from __future__"))
      continue;
    parts.push(file.text);
    lines += length;
  }
  const text = parts.join("\n");
  const target = path.join(path.dirname(files[0]!.path), "edited_module.py");
  workspace.update(target, text);
  workspace.findings(target);
  // A statement typed before another: complete at every second place, half-typed at the others.
  const places = [...text.matchAll(/\n( +)(?=return|if|for|self\.)/g)];
  const times: Cost[] = [];
  for (let i = 0; i < 60; i += 1) {
    const place = places[Math.floor((i / 60) * places.length)]!;
    const at = place.index! + place[0].length;
    const typed = i % 2 === 0 ? `x${i} = 1\n${place[1]}` : `x${i} = (1\n${place[1]}`;
    const current = text.slice(0, at) + typed + text.slice(at);
    times.push(
      costOf(() => {
        workspace.update(target, current);
        workspace.findings(target);
      }),
    );
  }
  const kept = times.slice(10); // the first edits also warm up
  const lineCount = text.split("\n").length;
  for (const measure of ["clock", "processor"] as const) {
    const values = kept.map((cost) => cost[measure]);
    console.log(
      `${measure.padEnd(10)} edit of a ${lineCount}-line file among ${Math.min(500, files.length)}: median ${median(values).toFixed(1)} ms, 95 % ${quantile(values, 0.95).toFixed(1)} ms`,
    );
  }
}

const folder = process.argv[2] ?? (await standardLibrary());
const files = pythonFiles(folder);
await wholeFolder(files);
await edits(files);
