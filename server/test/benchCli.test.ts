import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchResultSchema } from "../src/bench/result.ts";
import { marked, pair313, programs } from "./benchMachine.ts";
import { flat, ordinary, resultOf, scaling } from "./benchSamples.ts";

/** The command as it was built. */
const cli = join(import.meta.dirname, "../../dist/cli.js");
let folder: string;
let pythons: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-cli-"));
  const { withGil, freeThreaded } = await pair313();
  pythons = ["--python", withGil.executable, "--python", freeThreaded.executable];
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const quick = ["--rounds", "1", "--threads", "1,2"];

describe("threadproof bench", { timeout: 120_000 }, () => {
  it("prints the contract's JSON and nothing else", async () => {
    const program = join(programs, "sequential.py");
    const args = [...quick, ...pythons, "--format", "json", "--progress", "none", program];
    const { stdout, stderr } = await execa("node", [cli, "bench", ...args]);
    const lanes = benchResultSchema.parse(JSON.parse(stdout)).lanes.map(({ id }) => id);
    expect(lanes).toEqual(expect.arrayContaining(["3.13", "3.13t", "3.13t-gil"]));
    expect(stderr).toBe("");
  });

  it("prints a plain table and writes a page that needs no script", async () => {
    const html = join(folder, "out.html");
    const { stdout, stderr } = await execa("node", [
      cli,
      "bench",
      ...quick,
      ...pythons,
      "--html",
      html,
      join(programs, "scaling.py"),
    ]);
    expect(stdout).toMatch(/^3\.13t +2 .* off$/m);
    expect(stdout).not.toContain("\u001b");
    expect(stderr).toMatch(/^Looking for interpreters$[\s\S]*^Round 1$/m);
    expect([stderr.includes("\r"), stderr.includes("\u001b")]).toEqual([false, false]);
    const [report = ""] = stdout.split("Again\n");
    expect(Math.max(...report.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    const page = await readFile(html, "utf8");
    expect(page).toContain("default-src 'none'");
    expect(page).toMatch(/<svg[^>]*aria-hidden[\s\S]*<\/svg>/);
    expect(page.match(/<th scope="row">[12]<\/th>/g)?.length).toBeGreaterThanOrEqual(6);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("names what was looked for when there is no free-threaded build", async () => {
    const home = join(folder, "home");
    await mkdir(home, { recursive: true });
    const { exitCode, stderr } = await execa(process.execPath, [cli, "bench", join(programs, "scaling.py")], {
      env: { HOME: home, PATH: home },
      extendEnv: false,
      reject: false,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("uv python install 3.13 3.13t");
    expect(stderr).toContain("Looked at");
  });

  it.each([
    [["--python", "/nowhere/python3"], /\/nowhere\/python3 cannot be used: it does not exist/],
    [["--threads", "1,zwei"], /Expected whole numbers/],
    [["--budget", "-1"], /Expected a number above 0/],
  ])("refuses %j with one message", async (flags, message) => {
    const { exitCode, stderr } = await execa("node", [cli, "bench", ...flags, join(programs, "scaling.py")], {
      reject: false,
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
  });

  describe("with a saved result", () => {
    const result = resultOf([ordinary, scaling], { verdict: "It scales." });
    let saved: string;
    let earlier: string;

    beforeAll(async () => {
      saved = join(folder, "saved.json");
      earlier = join(folder, "earlier.json");
      await writeFile(saved, JSON.stringify(result));
      await writeFile(earlier, JSON.stringify(resultOf([ordinary, flat])));
    });

    it.each([
      ["json", /^\{\n {2}"version": 1/],
      ["markdown", /^### roots\.py\n\n\*\*It scales\.\*\*/],
      ["csv", /^lane,label,.*\r\n3\.13,/],
      ["svg", /^<svg xmlns/],
      ["text", /^It scales\.\n/],
    ])("reports it as %s without measuring", async (format, expected) => {
      const { stdout, stderr } = await execa("node", [cli, "bench", "--read", saved, "--format", format]);
      expect(stdout).toMatch(expected);
      expect(stderr).toBe("");
    });

    it("compares it with an earlier one, for people and for the editor", async () => {
      const args = ["--read", saved, "--compare", earlier, "--progress", "json"];
      const { stdout, stderr } = await execa("node", [cli, "bench", ...args]);
      expect(stdout).toContain("3.13t on 2 threads is 2.03 times as fast");
      const done = JSON.parse(stderr) as { event: string; view: { comparison: { rows: string[][] } } };
      expect(done.event).toBe("done");
      expect(done.view.comparison.rows).toHaveLength(4);
    });

    it.each([
      ["no JSON", "lanes: 3", /is not JSON/],
      ["another version", '{"version": 7}', /has version 7 of the format; this reads version 1/],
      ["another shape", JSON.stringify({ ...result, lanes: [{}] }), /is not a result .* at lanes\.0\./],
    ])("refuses %s with one message", async (_, text, message) => {
      const path = join(folder, "strange.json");
      await writeFile(path, text);
      const { exitCode, stderr } = await execa("node", [cli, "bench", "--read", path], { reject: false });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr.split("\n")).toHaveLength(1);
    });

    it("wants a program or a result, not both", async () => {
      const both = await execa("node", [cli, "bench", "--read", saved, "x.py"], { reject: false });
      const neither = await execa("node", [cli, "bench"], { reject: false });
      expect([both, neither].map(({ stderr }) => stderr.includes("and not both"))).toEqual([true, true]);
    });
  });

  it.each(["SIGINT", "SIGTERM", "end of input"] as const)("ends all children on %s", async (how) => {
    const scratch = await mkdtemp(join(folder, "scratch-"));
    const mark = marked({ TMPDIR: scratch });
    const child = execa(
      "node",
      [cli, "bench", "--progress", "json", ...pythons, join(programs, "forking.py")],
      {
        env: { ...mark.env } as Record<string, string>,
        stdin: "pipe",
        reject: false,
      },
    );
    // The first run has begun as soon as its children exist: the command itself, the program and its three forks.
    await expect.poll(() => mark.living(), { timeout: 60_000 }).toHaveLength(5);
    if (how === "end of input") {
      child.stdin.end();
    } else {
      child.kill(how);
    }
    const { exitCode } = await child;
    expect(exitCode).toBe(how === "SIGTERM" ? 143 : 130);
    expect(await mark.living()).toEqual([]);
    expect(await readdir(scratch)).toEqual([]);
  });
});
