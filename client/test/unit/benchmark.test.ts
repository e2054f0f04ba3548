import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { benchArguments, runBench } from "../../src/benchmark/benchProcess.ts";
import { isBenchmarkState } from "../../src/benchmark/messages.ts";
import { benchmarkPage } from "../../src/benchmark/page.ts";
import { ProgressText } from "../../src/benchmark/progressText.ts";

const settings = {
  file: "/w/-x.py",
  interpreters: ["/a b/python"],
  hints: ["/venv/python"],
  threads: [1, 2],
  budgetSeconds: 30,
};

/** A command of the same manners as ours: JSON lines on stderr, ends when its input does. */
async function command(body: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-client-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "cli.cjs");
  await writeFile(path, `const say = (event) => console.error(JSON.stringify(event));\n${body}`);
  return path;
}

describe("running the command", () => {
  it("passes settings as options and keeps the file from being one", () => {
    const given = benchArguments(settings);
    expect(given.slice(-2)).toEqual(["--", "/w/-x.py"]);
    expect(given.join(" ")).toContain("--threads 1,2 --budget 30 --python /a b/python --hint /venv/python");
    expect(benchArguments({ ...settings, threads: [], budgetSeconds: undefined })).not.toContain("--threads");
  });

  const call = async (body: string, signal = new AbortController().signal, onEvent = () => {}) =>
    runBench({ cli: await command(body), node: process.execPath, settings, signal, onEvent });

  it("returns the result and the last event", async () => {
    const end = await call(`say({event:"done",markdown:"m"}); console.log('{"version":1}')`);
    expect(end).toMatchObject({ kind: "done", result: { version: 1 }, done: { markdown: "m" } });
  });

  it("returns the message of a failure, or what was printed instead of one", async () => {
    expect(await call(`say({event:"error",message:"no 3.13t"}); process.exitCode = 2`)).toEqual({
      kind: "failed",
      message: "no 3.13t",
    });
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
});

describe("progress", () => {
  it("never goes backwards", () => {
    const text = new ProgressText();
    const run = (done: number, total: number) =>
      text.next({ event: "run", done, total, lane: "3.13t", threads: 2, round: 1 });
    expect(run(5, 10)).toEqual({ message: "round 1: 3.13t, 2 threads", increment: 50 });
    expect(run(5, 20).increment).toBe(0);
    expect(run(10, 10).increment).toBe(50);
  });
});

describe("page", () => {
  const labels = { copyMarkdown: "M", copyCommand: "C", why: "W", figures: "F", builds: "B", working: "…" };
  const page = benchmarkPage({ script: "x.js", nonce: "n0", title: "<b>", labels });

  it("runs nothing without the nonce and escapes what it is given", () => {
    expect(page).toContain("default-src 'none'; style-src 'nonce-n0'; script-src 'nonce-n0'");
    expect(page).toContain("<title>&lt;b&gt;</title>");
    expect(page).not.toMatch(/ style="| on\w+="/);
  });

  it("refuses the state of another version", () => {
    expect(isBenchmarkState({ title: "x" })).toBe(false);
    expect(isBenchmarkState(undefined)).toBe(false);
  });
});
