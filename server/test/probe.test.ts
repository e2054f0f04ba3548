/** The import probe, with modules that misbehave. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readExtensionModule } from "../src/binary/extensionModule.ts";
import type { Interpreter } from "../src/environment/interpreter.ts";
import { type ProbeResult, probeImports } from "../src/probe/probe.ts";
import { marked, pair313 } from "./benchMachine.ts";
import { build } from "./binaryExtensions.ts";

let folder: string;
let withGil: Interpreter;
let freeThreaded: Interpreter;
let python: string;
let packages: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "probe-"));
  ({ withGil, freeThreaded } = await pair313());
  const environment = join(folder, "environment");
  await execa(freeThreaded.executable, ["-m", "venv", "--without-pip", environment]);
  python = join(environment, "bin/python");
  const { stdout } = await execa(python, [
    "-I",
    "-c",
    "import sysconfig; print(sysconfig.get_path('platlib'))",
  ]);
  packages = stdout;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function probe(modules: string[], timeoutMs = 30_000): Promise<ProbeResult[]> {
  return probeImports({ python, modules, timeoutMs, cwd: folder });
}

async function compiled(name: string, defines: Record<string, string | number>): Promise<void> {
  const target = join(packages, name);
  await build(freeThreaded, { source: "multiphase.c", target, defines: { NAME: name, ...defines } });
}

async function script(name: string, text: string): Promise<void> {
  await writeFile(join(packages, `${name}.py`), text);
}

describe("outcomes", () => {
  it("says that the standard library keeps the GIL off", async () => {
    expect(await probe(["json", "sqlite3", "ssl"])).toMatchObject(
      ["json", "sqlite3", "ssl"].map((module) => ({
        module,
        outcome: "keeps-gil-off",
        gilBefore: false,
        gilAfter: false,
        culprits: [],
      })),
    );
  });

  it("survives a module that crashes, and says where", async () => {
    await compiled("crashing", { CRASH: 1, GIL: "Py_MOD_GIL_NOT_USED" });
    const [result] = await probe(["crashing"]);
    expect(result).toMatchObject({ outcome: "crash", gilBefore: false, culprits: [] });
    expect(result!.detail).toMatch(/SIGSEGV.*loaded was crashing/);
    expect(result).not.toHaveProperty("gilAfter");
  });

  it("ends a module that hangs in C, with everything it has started", async () => {
    await compiled("hanging", { HANG: 1 });
    const mark = marked();
    vi.stubEnv("BENCH_TEST_MARK", mark.env.BENCH_TEST_MARK!);
    await script(
      "spawning",
      "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\nimport hanging\n",
    );
    const [result] = await probe(["spawning"], 1500);
    vi.unstubAllEnvs();
    expect(result).toMatchObject({ outcome: "timeout" });
    expect(result!.culprits).toMatchObject([{ module: "hanging", chain: ["spawning", "hanging"] }]);
    expect(await mark.living()).toEqual([]);
  });

  it("tells a failing import, with the culprits up to there", async () => {
    await compiled("failing", { FAIL: 1 });
    const [failing, missing] = await probe(["failing", "no.such.module"]);
    expect(failing).toMatchObject({
      outcome: "import-error",
      gilAfter: true,
      culprits: [{ module: "failing" }],
    });
    expect(failing!.detail).toMatch(/ImportError: this one never imports/);
    expect(missing).toMatchObject({ outcome: "import-error", culprits: [] });
  });

  it.each([
    ["exits", "import sys\nsys.exit(3)\n", "import-error", /SystemExit: 3/],
    ["leaves", "import os\nos._exit(7)\n", "crash", /exit code 7/],
    ["closes", "import os\nos.closerange(0, 64)\n", "crash", /exit code/],
    [
      "floods",
      "print('x' * 10_000_000)\nimport sys\nsys.stderr.write('# loading module\\n' * 99_999)\n",
      "keeps-gil-off",
      /off/,
    ],
    ["reads", "import sys\nassert sys.stdin.read() == ''\n", "keeps-gil-off", /off/],
    ["forks", "import os\nos.fork() or os._exit(0)\n", "keeps-gil-off", /off/],
    ["shouts", "import os\nos.write(3, b'not json\\n{}\\n')\n", "keeps-gil-off", /off/],
  ])("is not confused by a module that %s", async (name, text, outcome, detail) => {
    await script(name, text);
    const [result] = await probe([name]);
    expect(result).toMatchObject({ outcome, detail: expect.stringMatching(detail) });
  });
});

describe("modules for the stable ABI of builds with a GIL", () => {
  it.each(["multiphase.c", "singlephase.c"])("cannot be imported: %s", async (source) => {
    const name = `stable_${source.slice(0, -2)}`;
    const file = await build(withGil, {
      source,
      target: join(packages, name),
      suffix: ".abi3.so",
      defines: { NAME: name, Py_LIMITED_API: "0x030d0000", GIL: "Py_MOD_GIL_NOT_USED" },
    });
    // What the file says does not help: the interpreter looks for it in another place.
    expect((await readExtensionModule(file)).abi).toEqual({ tag: "abi3", freeThreaded: false });
    const [result] = await probe([name]);
    expect(["import-error", "crash"]).toContain(result!.outcome);
    expect(result!.detail).toMatch(source === "multiphase.c" ? /SystemError/ : /SIGSEGV|SystemError/);
  });
});

describe("isolation", () => {
  it("writes no bytecode and does not look into the current folder or at environment variables", async () => {
    await writeFile(join(folder, "beside.py"), "");
    await script("plain", "");
    await compiled("undeclared", {});
    vi.stubEnv("PYTHON_GIL", "0");
    vi.stubEnv("PYTHONPATH", folder);
    const results = await probe(["beside", "plain", "undeclared"]);
    vi.unstubAllEnvs();
    expect(results.map(({ outcome }) => outcome)).toEqual(["import-error", "keeps-gil-off", "enables-gil"]);
    await expect(readFile(join(packages, "__pycache__/plain.cpython-313t.pyc"))).rejects.toThrow("ENOENT");
  });
});

describe("interpreters", () => {
  it("asks only free-threaded builds", async () => {
    for (const [executable, detail] of [
      [withGil.executable, /not a free-threaded build/],
      [join(folder, "missing"), /could not be asked/],
    ] as const) {
      const results = await probeImports({ python: executable, modules: ["json", "re"], timeoutMs: 30_000 });
      expect(results.map(({ outcome }) => outcome)).toEqual(Array(2).fill("no-free-threaded-interpreter"));
      expect(results[0]!.detail).toMatch(detail);
    }
  });
});

describe("stopping", () => {
  it("tells results as they come and leaves out what was stopped", async () => {
    await script("waiting", "import time\ntime.sleep(600)\n");
    const stop = new AbortController();
    const told: string[] = [];
    const results = await probeImports({
      python,
      modules: ["json", "waiting", "re"],
      timeoutMs: 60_000,
      signal: stop.signal,
      onResult: ({ module }) => {
        told.push(module);
        stop.abort();
      },
    });
    expect(told).toEqual(["json"]);
    expect(results.map(({ module }) => module)).toEqual(["json"]);
  });
});
