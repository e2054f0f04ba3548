import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askInterpreter, readReply } from "../src/environment/ask.ts";
import { InterpreterCatalogue } from "../src/environment/discover.ts";
import { differences, isLinkTimeOptimised, isOptimised } from "../src/environment/interpreter.ts";
import { choosePairs, missingBuilds } from "../src/environment/pairs.ts";
import { looksLikePython, readLauncherList, usualPlaces } from "../src/environment/places.ts";
import { pair313 } from "./benchMachine.ts";
import { interpreter } from "./environmentSamples.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "environment-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function script(path: string, text: string): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

describe("asking", () => {
  it("learns from real builds which one is free-threaded", async () => {
    const { withGil, freeThreaded } = await pair313();
    for (const build of [withGil, freeThreaded]) {
      const reply = await askInterpreter(build.executable, "test");
      expect(reply).toMatchObject({
        interpreter: { version: build.version, freeThreaded: build.freeThreaded },
      });
    }
    expect([withGil.freeThreaded, freeThreaded.freeThreaded]).toEqual([false, true]);
  });

  it("does not wait for ever, not even for a child of the candidate", async () => {
    const reply = await askInterpreter(await script("python3", "sleep 600 & wait"), "test", 200);
    expect(reply).toEqual({ reason: "did not answer within 0.2 s" });
  });

  it.each([
    ["exit 3", /fails when asked/],
    ["echo Python 3.13", /does not answer/],
    ["echo '<<threadproof {} threadproof>>'", /not understood/],
  ])("skips what is no interpreter: %s", async (text, reason) => {
    expect(await askInterpreter(await script("python3", text), "test")).toMatchObject({
      reason: expect.stringMatching(reason),
    });
  });

  it("reads the answer between the lines that a shim prints", () => {
    const { source: _, ...answer } = interpreter();
    const stdout = `hello\n<<threadproof ${JSON.stringify(answer)} threadproof>>\nbye`;
    expect(readReply(stdout, "/x", "PATH")).toEqual({ interpreter: interpreter() });
  });
});

describe("finding", () => {
  it("lists each interpreter once, skips broken ones with a reason and never trusts a name", async () => {
    const { withGil } = await pair313();
    await script("bin/python3.13t", `exec ${withGil.executable} "$@"`);
    await script("bin/python3.14", "exit 1");
    await script("uv/cpython-9/bin/python3", `exec ${withGil.executable} "$@"`);
    const env = { PATH: join(home, "bin"), UV_PYTHON_INSTALL_DIR: join(home, "uv") };
    const catalogue = new InterpreterCatalogue({ platform: "linux", env, home });
    const { interpreters, skipped } = await catalogue.find();
    const found = interpreters.filter(({ realpath }) => realpath === withGil.realpath);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ freeThreaded: false, source: "PATH" });
    expect(skipped.map(({ path }) => path)).toContain(join(home, "bin", "python3.14"));
  });

  it("asks a file once, and again when it has changed", async () => {
    const path = await script("bin/python3", "exit 1");
    const asked: string[] = [];
    const catalogue = new InterpreterCatalogue(
      { platform: "linux", env: { PATH: join(home, "bin") }, home },
      async (executable) => {
        asked.push(executable);
        return { reason: "is a test" };
      },
    );
    await catalogue.find();
    await catalogue.find();
    expect(asked.filter((one) => one === path)).toHaveLength(1);
    await writeFile(path, "#!/bin/sh\nexit 22\n");
    await catalogue.find();
    expect(asked.filter((one) => one === path)).toHaveLength(2);
  });
});

describe("places", () => {
  it.each(["python", "python3", "python3.13t", "python3.13td", "python3.14t.exe", "pypy3.11"])(
    "tries %s",
    (name) => {
      expect(looksLikePython(name)).toBe(true);
    },
  );

  it.each(["python3-config", "python3.13-gdb.py", "pythonw.exe", "python-argcomplete"])(
    "leaves %s alone",
    (name) => {
      expect(looksLikePython(name)).toBe(false);
    },
  );

  it("knows the places of every system", () => {
    const sources = (platform: NodeJS.Platform, env = {}) =>
      new Set(usualPlaces({ platform, env, home: "/h" }).map(({ source }) => source));
    expect(sources("darwin")).toContain("Homebrew");
    expect(sources("darwin")).toContain("python.org");
    expect(sources("win32", { LOCALAPPDATA: "C:\\L" })).toContain("python.org");
    for (const platform of ["linux", "darwin", "win32"] as const) {
      expect(sources(platform, { APPDATA: "C:\\A" })).toContain("uv");
      expect(sources(platform)).toContain("pyenv");
    }
  });

  it("reads the Windows launcher's list", () => {
    const output =
      " -V:3.13t *       C:\\Program Files\\Python313\\python3.13t.exe\r\n -V:3.12          C:\\P\\python.exe\r\n";
    expect(readLauncherList(output)).toEqual([
      "C:\\Program Files\\Python313\\python3.13t.exe",
      "C:\\P\\python.exe",
    ]);
  });
});

describe("pairs", () => {
  const free = interpreter({ freeThreaded: true, executable: "/t" });

  it("prefers the build that is most alike", () => {
    const older = interpreter({ version: [3, 13, 0], executable: "/old" });
    const alike = interpreter({ executable: "/alike" });
    expect(choosePairs([older, alike, free])).toMatchObject([
      { version: "3.13", withGil: { executable: "/alike" } },
    ]);
  });

  it("takes a named interpreter whatever it is like, and the editor's before found ones", () => {
    const named = interpreter({ version: [3, 13, 0], executable: "/named", source: "--python" });
    const selected = interpreter({ version: [3, 13, 1], executable: "/sel", source: "editor selection" });
    const found = interpreter();
    expect(choosePairs([found, selected, free])[0]?.withGil.executable).toBe("/sel");
    expect(choosePairs([found, selected, free, named])[0]?.withGil.executable).toBe("/named");
  });

  it("pairs any version that has both builds, and no debug build by itself", () => {
    const both = [
      interpreter({ version: [3, 14, 0] }),
      interpreter({ version: [3, 14, 0], freeThreaded: true }),
    ];
    const debug = interpreter({ version: [3, 15, 0], freeThreaded: true, debug: true });
    const all = [...both, debug, interpreter({ version: [3, 15, 0] }), free, interpreter()];
    expect(choosePairs(all).map(({ version }) => version)).toEqual(["3.13", "3.14"]);
  });

  it("says which half is missing", () => {
    expect(missingBuilds([free, interpreter({ version: [3, 12, 1] })])).toEqual(["3.13"]);
  });

  it("names what differs besides the GIL", () => {
    const tuned = interpreter({ configArgs: "'--enable-optimizations' '--with-lto'", compiler: "Clang 18" });
    expect([
      isOptimised(tuned),
      isLinkTimeOptimised(tuned),
      isOptimised(interpreter({ configArgs: "" })),
    ]).toEqual([true, true, undefined]);
    expect(differences(interpreter(), tuned)).toHaveLength(3);
    expect(differences(interpreter(), free)).toEqual([]);
  });
});
