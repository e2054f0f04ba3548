// Every fixture is fixed as far as the fixes go; what comes out is kept beside it and has to satisfy CPython
// and the engine.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { isImportedByThreading } from "../src/environment/standardLibrary.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { added, Bench, compileErrors, python, tally } from "./fixesHarness.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/fixes");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".py") && !file.endsWith(".fixed.py"))
  .map((file) => file.slice(0, -3));

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ concurrency: "library", target: "3.13" });
});

describe.each(names)("fixture %s", (name) => {
  const text = readFileSync(path.join(folder, `${name}.py`), "utf8");
  const isRefused = name === "refused";

  test("becomes the kept text, in which nothing is left to fix", async () => {
    const fixed = bench.fixAll(text);
    expect(fixed.text === text).toBe(isRefused);
    await expect(fixed.text).toMatchFileSnapshot(path.join(folder, `${name}.fixed.py`));
    expect(bench.fixAll(fixed.text).text).toBe(fixed.text);
    expect(fixed.refused).toMatchSnapshot();
  });

  test("each fix alone compiles and takes its finding away without a new one", async () => {
    const before = bench.findings(text);
    expect(before.length).toBeGreaterThan(0);
    const results: string[] = [];
    for (const finding of before) {
      const key = `${finding.rule} ${finding.symbol} ${finding.function}`;
      for (const fix of bench.fixes(finding, text)) {
        if (fix.disabled !== undefined) {
          expect(fix.edits).toEqual([]);
          continue;
        }
        const result = applyEdits(text, fix.edits);
        const after = bench.findings(result);
        expect.soft(tally(after).get(key) ?? 0, fix.title).toBeLessThan(tally(before).get(key)!);
        // That threads now wait for each other is the price of a lock, which its title names.
        // And whoever guards one access alone is told of those that are left.
        const left = fix.title.includes("just this access") ? `inconsistent-guard ${finding.symbol}` : "-";
        const more = added(before, after).filter(
          (rule) => !rule.startsWith("lock-in-hot-loop") && !rule.startsWith(left),
        );
        expect.soft(more, fix.title).toEqual([]);
        results.push(result);
      }
    }
    const [brokenBefore, ...errors] = await compileErrors([text, ...results]);
    if (brokenBefore === null) expect(errors).toEqual(results.map(() => null));
  });
});

describe("modules that threading imports", () => {
  const counter = [
    "_made = 0",
    "",
    "",
    "def _count():",
    "    global _made",
    "    _made += 1",
    "    return _made",
    "",
  ].join("\n");
  const guarded = (text: string, file: string) => {
    const lock = bench
      .findings(text, file)
      .filter(({ symbol }) => symbol === "_made")
      .flatMap((finding) => bench.fixes(finding, text))
      .find((fix) => fix.edits.length > 0);
    return applyEdits(text, lock!.edits);
  };

  test.each([
    ["/usr/lib/python3.13/warnings.py", "_thread.allocate_lock"],
    ["/opt/python/lib/python3.14t/collections/__init__.py", "_thread.allocate_lock"],
    ["C:/Python313/Lib/encodings/utf_8.py", "_thread.allocate_lock"],
    ["/cpython/Lib/importlib/_bootstrap.py", "_thread.allocate_lock"],
    ["/usr/lib/python3.13/queue.py", "threading.Lock"],
    ["/usr/lib/python3.13/importlib/resources.py", "threading.Lock"],
    ["/project/shop/types.py", "threading.Lock"],
    ["/usr/lib/python3.13/site-packages/warnings.py", "threading.Lock"],
  ])("%s takes its lock from %s", async (file, lock) => {
    const fixed = guarded(counter, file);
    expect(fixed).toContain(`_made_lock = ${lock}()`);
    expect(fixed.match(/^import .*$/gm)).toEqual([`import ${lock.split(".")[0]}`]);
    expect(await compileErrors([fixed])).toEqual([null]);
  });

  test("an import of _thread that is there is used", () => {
    const text = `from _thread import allocate_lock as Lock\n\n${counter}`;
    const fixed = guarded(text, "/usr/lib/python3.13/functools.py");
    expect(fixed).toContain("_made_lock = Lock()");
    expect(fixed.match(/import/g)).toHaveLength(1);
  });

  describe.each(["3.13", "3.13t"] as const)("of %s", (build) => {
    const exe = python(build);

    test.skipIf(exe === undefined)("are all known", async () => {
      const ask = [
        "import sys, threading",
        "for name, module in sys.modules.items():",
        "    file = getattr(module, '__file__', None)",
        "    if file and name != '__main__': print(file)",
      ].join("\n");
      const { stdout } = await execa(exe!, ["-I", "-S", "-X", "frozen_modules=off", "-c", ask]);
      const files = stdout.split(/\r?\n/).filter((file) => file.endsWith(".py"));
      expect(files.length).toBeGreaterThan(10);
      expect(files.filter((file) => !isImportedByThreading(file.replaceAll("\\", "/")))).toEqual([]);
    });

    test.skipIf(exe === undefined)("run with the lock in them", async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "threadproof-"));
      try {
        const where = ["-I", "-S", "-c", "import _weakrefset; print(_weakrefset.__file__)"];
        const { stdout: own } = await execa(exe!, where);
        const text = `${readFileSync(own, "utf8")}\n\n${counter}`;
        const run = async (changed: string) => {
          writeFileSync(path.join(folder, "_weakrefset.py"), changed);
          const program = "import threading, _weakrefset; print(_weakrefset._count())";
          const env = { PYTHONPATH: folder };
          return execa(exe!, ["-S", "-B", "-c", program], { env, reject: false });
        };
        const fixed = guarded(text, own.replaceAll("\\", "/"));
        expect(await run(fixed)).toMatchObject({ exitCode: 0, stdout: "1" });
        // The same fix elsewhere would have broken it.
        expect((await run(guarded(text, "/project/weak.py"))).stderr).toMatch(
          /partially initialized|circular/,
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
