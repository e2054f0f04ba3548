import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BenchEvent } from "../../../server/src/bench/progress.ts";
import type { BenchResult } from "../../../server/src/bench/result.ts";
import {
  type BenchSettings,
  benchArguments,
  reportSaved,
  runBench,
} from "../../src/benchmark/benchProcess.ts";
import { History } from "../../src/benchmark/history.ts";
import { isKeptState, type KeptState } from "../../src/benchmark/messages.ts";
import { benchmarkPage } from "../../src/benchmark/page.ts";
import { PanelMemory } from "../../src/benchmark/panelMemory.ts";
import { ProgressState } from "../../src/benchmark/progressState.ts";
import { functionAt, functionPlaces } from "../../src/benchmark/targets.ts";

const settings: BenchSettings = {
  file: "/w/-x.py",
  interpreters: ["/a b/python"],
  hints: ["/venv/python"],
  threads: [1, 2],
  budgetSeconds: 30,
  compare: undefined,
};

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-client-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A command of the same manners as ours: JSON lines on stderr, ends when its input does. */
async function command(body: string): Promise<string> {
  const path = join(await scratch(), "cli.cjs");
  await writeFile(path, `const say = (event) => console.error(JSON.stringify(event));\n${body}`);
  return path;
}

/** As much of a result as the client itself looks at. */
function result(startedAt: string, name?: string): BenchResult {
  const called = name && { function: { name, line: 1, arguments: "", calls: 1 } };
  return {
    version: 1,
    file: "/w/x.py",
    startedAt,
    lanes: [],
    verdict: startedAt,
    ...called,
  } as unknown as BenchResult;
}

describe("running the command", () => {
  it("passes settings as options and keeps the file from being one", () => {
    const given = benchArguments({ ...settings, function: "work", compare: "/old.json" });
    expect(given.slice(-2)).toEqual(["--", "/w/-x.py"]);
    expect(given.join(" ")).toContain(
      "--function work --threads 1,2 --budget 30 --compare /old.json --python /a b/python --hint /venv/python",
    );
    const bare = benchArguments({ ...settings, threads: [], budgetSeconds: undefined });
    expect(bare.join(" ")).not.toMatch(/--threads|--budget|--function|--compare/);
  });

  const call = async (body: string, signal = new AbortController().signal, onEvent = () => {}) =>
    runBench({ cli: await command(body), node: process.execPath, settings, signal, onEvent });

  it("returns the result and what is to be shown of it", async () => {
    const end = await call(`say({event:"done",view:{answer:"a"}}); console.log('{"version":1}')`);
    expect(end).toMatchObject({ kind: "done", result: { version: 1 }, view: { answer: "a" } });
  });

  it("returns the message of a failure, or what was printed instead of one", async () => {
    const missing = `say({event:"error",message:"no 3.13t",install:{command:"uv"}}); process.exitCode = 2`;
    expect(await call(missing)).toEqual({ kind: "failed", message: "no 3.13t", install: { command: "uv" } });
    expect(await call(`console.error("Segmentation fault"); process.exitCode = 1`)).toEqual({
      kind: "failed",
      message: "Segmentation fault",
    });
  });

  it("stops the command by closing its input", async () => {
    const stop = new AbortController();
    const end = await call(
      `process.stdin.on("end", () => process.exit(130)).resume(); say({event:"phase",message:"x"})`,
      stop.signal,
      () => stop.abort(),
    );
    expect(end).toEqual({ kind: "cancelled" });
  });

  it("hands results back as files, and leaves none behind", async () => {
    const cli = await command(`
      const { readFileSync } = require("node:fs");
      const words = process.argv.slice(2);
      const after = (flag) => JSON.parse(readFileSync(words[words.indexOf(flag) + 1], "utf8"));
      say({ event: "done", view: { answer: words[words.indexOf("--read") + 1] } });
      process.stdout.write(after("--read").verdict + " after " + after("--compare").verdict + "\\n");`);
    const wishes = { format: "csv", before: result("old") };
    const { stdout, view } = await reportSaved({ cli, node: process.execPath }, result("new"), wishes);
    expect(stdout).toBe("new after old\n");
    await expect(readdir(join(view.answer, ".."))).rejects.toThrow("ENOENT");
  });

  it("says why a result could not be reported", async () => {
    const cli = await command(`console.error("threadproof: too old"); process.exitCode = 2`);
    await expect(reportSaved({ cli, node: process.execPath }, result("x"), {})).rejects.toThrow("too old");
  });
});

describe("progress", () => {
  const run = (done: number, total: number): BenchEvent => ({
    event: "run",
    done,
    total,
    lane: "3.13t",
    threads: 2,
    round: 1,
  });

  it("never goes backwards, and keeps the pictures of the last round", () => {
    const progress = new ProgressState("x.py", "Starting");
    expect(progress.now).toMatchObject({ kind: "running", title: "x.py", percent: 0 });
    expect(progress.next(run(5, 10))).toMatchObject({ message: "round 1: 3.13t, 2 threads", percent: 50 });
    const drawn = { legend: [], pictures: [] };
    progress.next({ event: "partial", round: 1, lanes: [], drawn });
    expect(progress.next(run(5, 20))).toMatchObject({ percent: 50, drawn });
    expect(progress.next(run(20, 20)).percent).toBe(100);
  });
});

describe("history", () => {
  const at = (minute: number) => `2026-11-21T09:${String(minute).padStart(2, "0")}:00.000Z`;

  it("knows the newest result of a file and of each function", async () => {
    const history = new History(join(await scratch(), "benchmarks"));
    expect(await history.latest({ file: "/w/x.py" })).toBeUndefined();
    for (const one of [result(at(1)), result(at(2)), result(at(3), "work"), result(at(4), "rest")]) {
      await history.add(one);
    }
    const minute = async (name?: string) =>
      (await history.latest({ file: "/w/x.py", ...(name && { function: name }) }))?.result.startedAt;
    expect([await minute(), await minute("work"), await minute("none")]).toEqual([at(2), at(3), undefined]);
    expect((await history.of("/w/x.py")).map((one) => one.result.startedAt)).toEqual([4, 3, 2, 1].map(at));
    expect(await history.of("/w/other.py")).toEqual([]);
  });

  it("is bounded, and reads past what it cannot read", async () => {
    const folder = join(await scratch(), "benchmarks");
    const history = new History(folder, { results: 2, files: 2 });
    for (const minute of [1, 2, 3]) {
      await history.add(result(at(minute)));
    }
    const kept = await history.of("/w/x.py");
    expect(kept.map((one) => one.result.startedAt)).toEqual([3, 2].map(at));
    await writeFile(kept[0]!.path, "{");
    expect((await history.latest({ file: "/w/x.py" }))?.result.startedAt).toBe(at(2));
    for (const file of ["/w/y.py", "/w/z.py"]) {
      await history.add({ ...result(at(5)), file });
    }
    expect(await readdir(folder)).toHaveLength(2);
  });
});

describe("what panels show", () => {
  it("is recalled as it was last, until it is forgotten", async () => {
    const folder = join(await scratch(), "panels");
    const memory = new PanelMemory(folder, (error) => {
      throw error;
    });
    const state = (message: string, name?: string): KeptState => ({
      version: 2,
      target: { file: "/w/x.py", ...(name && { function: name }) },
      page: { kind: "ended", title: "x", message, detail: "" },
    });
    // Not awaited one by one: the last one wins all the same.
    void memory.keep(state("first"));
    void memory.keep(state("second"));
    void memory.keep(state("of a function", "work"));
    expect(await memory.recall({ file: "/w/x.py" })).toEqual(state("second"));
    expect(await memory.recall({ file: "/w/x.py", function: "work" })).toEqual(
      state("of a function", "work"),
    );
    await memory.forget({ file: "/w/x.py" });
    expect(await memory.recall({ file: "/w/x.py" })).toBeUndefined();
    expect(await readdir(folder)).toHaveLength(1);
  });

  it("is not kept where nothing can be written, and nothing else suffers", async () => {
    const file = join(await scratch(), "a-file");
    await writeFile(file, "");
    const faults: unknown[] = [];
    const memory = new PanelMemory(file, (error) => faults.push(error));
    await memory.forget({ file: "/w/x.py" });
    expect(await memory.recall({ file: "/w/x.py" })).toBeUndefined();
    expect(faults).toHaveLength(1);
  });
});

describe("functions to benchmark", () => {
  const text = [
    '"""A module.', // 0
    "def bench_in_text(): ...",
    '"""',
    "# threadproof: bench(n=10)", // 3
    "@cached",
    "def work(",
    "    n,",
    ") -> int:", // 7
    "    return n",
    "",
    "class Rest:", // 10
    "    def bench_method(self): ...",
    "",
    "async def bench_waiting():", // 13
    "# at the margin",
    "    text = '''",
    "def bench_in_string(): ...",
    "'''",
    "", // 18
    "def plain(): return '# threadproof: bench()'.upper  # threadproof: bench()",
    "other = 1",
    "def last():",
    "    pass",
  ].join("\n");

  it("are those that stand at the top and are named or marked so", () => {
    const marked = functionPlaces(text).filter((place) => place.marked);
    expect(marked.map(({ name, line }) => [name, line])).toEqual([
      ["work", 5],
      ["bench_waiting", 13],
      ["plain", 19],
    ]);
  });

  it("are found from anywhere in their body", () => {
    const names = text.split("\n").map((_, line) => functionAt(text, line)?.name);
    expect(names.slice(5, 9)).toEqual(["work", "work", "work", "work"]);
    expect(names.slice(10, 13)).toEqual([undefined, undefined, undefined]);
    expect(names.slice(13, 18)).toEqual(Array(5).fill("bench_waiting"));
    expect(names.slice(19)).toEqual(["plain", undefined, "last", "last"]);
  });

  it("are found in texts that are being typed", () => {
    expect(functionPlaces('def bench_open():\n    return "not closed\n\ndef bench_next(')).toHaveLength(2);
    expect(functionPlaces('x = """\ndef bench_inside(): ...')).toEqual([]);
    expect(functionPlaces("")).toEqual([]);
  });
});

describe("page", () => {
  const page = benchmarkPage({ script: "x.js", nonce: "n0", title: "<b>", working: "…" });

  it("runs nothing without the nonce and escapes what it is given", () => {
    expect(page).toContain("default-src 'none'; style-src 'nonce-n0'; script-src 'nonce-n0'");
    expect(page).toContain("<title>&lt;b&gt;</title>");
    expect(page).not.toMatch(/ style="| on\w+="/);
  });

  it("refuses the state of another version", () => {
    const ended = { kind: "ended", title: "x", message: "m", detail: "" };
    const target = { file: "/w/x.py" };
    expect(isKeptState({ version: 2, target, page: ended })).toBe(true);
    expect(isKeptState({ version: 1, target, page: ended })).toBe(false);
    expect(isKeptState({ version: 2, target, page: { kind: "results", shown: [{}] } })).toBe(false);
    expect(isKeptState({ title: "x" })).toBe(false);
    expect(isKeptState(undefined)).toBe(false);
  });
});
