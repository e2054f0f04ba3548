/** What is known of packages without their files: the shipped facts, lock files, renewed rows, the texts around imports. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { readDependencies } from "../src/imports/dependencies/projectFiles.ts";
import { filesOf, indexUrl } from "../src/imports/knowledge/indexClient.ts";
import { type KnownBuild, knownVerdict } from "../src/imports/knowledge/knownVerdict.ts";
import { listedBuild } from "../src/imports/knowledge/listedWheels.ts";
import { PackageFacts, packageFile } from "../src/imports/knowledge/packageFacts.ts";
import { rowFrom } from "../src/imports/knowledge/refresh.ts";
import { compiledFile } from "../src/imports/moduleFiles.ts";
import { sourceImports } from "../src/imports/sourceImports.ts";
import { newAudit } from "./importEnvironments.ts";

const facts = PackageFacts.load();

test("the shipped facts have their schema, their day and their sources", async () => {
  const text = await readFile(join(import.meta.dirname, "../data/packages.json"), "utf8");
  const file = packageFile.parse(JSON.parse(text));
  expect(file.sources.length).toBeGreaterThan(0);
  expect(Object.keys(file.native).length).toBe(760);
  const pure = file.pure.split(" ");
  expect(pure.filter((name) => name in file.native)).toEqual([]);
});

describe("published knowledge", () => {
  const said = (name: string, version: string | undefined, build: KnownBuild) =>
    knownVerdict(facts, name, version, build)?.verdict;

  it.each<[string, string | undefined, KnownBuild, string]>([
    ["numpy", "2.1.0", "3.13t", "keeps-gil-off"],
    ["numpy", "2.0.2", "3.13t", "no-free-threaded-build"],
    ["numpy", "2.5.0", "3.13t", "no-free-threaded-build"],
    ["numpy", "2.3.1", "3.14t", "no-free-threaded-build"],
    ["numpy", undefined, "3.13t", "keeps-gil-off"],
    ["cffi", "2.0.0", "3.13t", "no-free-threaded-build"],
    ["sqlalchemy", "2.0.47", "3.13t", "enables-gil"],
    ["sqlalchemy", "2.0.30", "3.13t", "pure"],
    ["requests", "2.34.2", "3.14t", "pure"],
    // Listed by a tracker, or wheels alone: neither is a reading of the file.
    ["pandas", "2.3.3", "3.14t", "unknown"],
    // Between the last version seen without and the first seen with, and beyond all that was seen.
    ["orjson", "99.0", "3.13t", "unknown"],
    ["numpy", "2.1.0", "3.15t", "unknown"],
  ])("%s %s on %s: %s", (name, version, build, verdict) => expect(said(name, version, build)).toBe(verdict));

  it("is worded as of its day, with its source and the first version that helps", () => {
    const known = knownVerdict(facts, "numpy", "2.0.2", "3.13t");
    expect(known?.evidence.source).toBe("data");
    expect(known?.evidence.detail).toMatch(
      /^As of 2026-\d\d-\d\d, numpy 2\.0\.2 had no wheel for 3\.13t.*Source: /,
    );
    expect(known?.advice).toEqual(["numpy 2.1.0 to 2.4.6 keeps the GIL off on 3.13t."]);
    const sqlalchemy = knownVerdict(facts, "sqlalchemy", "2.0.47", "3.14t");
    expect(sqlalchemy?.advice.join(" ")).toContain("DISABLE_SQLALCHEMY_CEXT_RUNTIME=1");
    expect(sqlalchemy?.advice[0]).toBe("sqlalchemy 2.0.54 or later keeps the GIL off on 3.14t.");
  });

  it("notes objects that must not be changed while shared", () => {
    expect(knownVerdict(facts, "numpy", "2.3.0", "3.13t")?.notes.join()).toContain(
      "arrays shared between threads must not be changed",
    );
  });

  it("finds the distribution of an import", async () => {
    expect(facts.distributionOf("yaml")).toBe("pyyaml");
    expect(facts.distributionOf("cv2.typing")).toBe("opencv-python");
    expect(await newAudit().verdict("yaml")).toMatchObject({ distribution: "pyyaml", installed: false });
  });
});

describe("lock files", () => {
  const wheel = (version: string, tag: string) => `fastlib-${version}-cp313-${tag}-manylinux_2_28_x86_64.whl`;

  it.each<[string[], KnownBuild, string | undefined]>([
    [[wheel("1", "cp313"), wheel("1", "cp313t")], "3.13t", "loads"],
    [[wheel("1", "cp313")], "3.13t", "missing"],
    [[wheel("1", "cp313")], "3.14t", undefined],
    [["fastlib-1-cp39-abi3-win_amd64.whl"], "3.14t", "missing"],
    [["fastlib-1-cp315-abi3.abi3t-win_amd64.whl"], "3.15t", "loads"],
    [[wheel("1", "cp313"), "fastlib-1-py3-none-any.whl"], "3.13t", "pure"],
    [[], "3.13t", undefined],
  ])("%j for %s: %s", (wheels, build, listed) => expect(listedBuild(wheels, build)).toBe(listed));

  it.each([
    [
      "uv.lock",
      `version = 1\n[[package]]\nname = "Fast_Lib"\nversion = "1.2"\nwheels = [\n { url = "https://x/${wheel("1.2", "cp313")}" },\n]\n`,
    ],
    [
      "poetry.lock",
      `[[package]]\nname = "fast-lib"\nversion = "1.2"\nfiles = [\n {file = "${wheel("1.2", "cp313")}", hash = "x"},\n]\n`,
    ],
    [
      "pdm.lock",
      `[[package]]\nname = "fast.lib"\nversion = "1.2"\nfiles = [\n {file = "${wheel("1.2", "cp313")}", hash = "x"},\n]\n`,
    ],
    [
      "pylock.toml",
      `lock-version = "1.0"\n[[packages]]\nname = "fast-lib"\nversion = "1.2"\nwheels = [{ name = "${wheel("1.2", "cp313")}" }]\n`,
    ],
  ])("%s names versions and wheels", async (file, text) => {
    const [one] = readDependencies(`/p/${file}`, text);
    expect(one).toMatchObject({ name: "fast-lib", version: "1.2", wheels: [wheel("1.2", "cp313")] });
    expect(text.slice(one!.start, one!.end)).toMatch(/^fast.lib$/i);
    const verdict = await newAudit({ locked: new Map([["fast-lib", one!]]) }).verdict("fast_lib");
    expect(verdict).toMatchObject({ verdict: "no-free-threaded-build", evidence: [{ source: "tag" }] });
  });

  it("Pipfile.lock and requirements pin versions", () => {
    const pipfile = JSON.stringify(
      { _meta: {}, default: { numpy: { hashes: [], version: "==2.0.2" } } },
      null,
      2,
    );
    expect(readDependencies("/p/Pipfile.lock", pipfile)).toMatchObject([{ name: "numpy", version: "2.0.2" }]);
    const text =
      "# comment\n-r other.txt\nnumpy==2.0.2 \\\n    --hash=sha256:aa\nscipy>=1 ; python_version > '3'\nlib[extra] == 1.0  # why\n./local\ngit+https://x/y\nname @ https://x/y.whl\nseries==2.*\n";
    const found = readDependencies("/p/requirements-dev.txt", text).map(({ name, version, start, end }) => [
      name,
      version,
      text.slice(start, end),
    ]);
    expect(found).toEqual([
      ["numpy", "2.0.2", "numpy"],
      ["scipy", undefined, "scipy"],
      ["lib", "1.0", "lib"],
      ["name", undefined, "name"],
      ["series", undefined, "series"],
    ]);
  });

  it("pyproject.toml in all its forms; damaged files have none", () => {
    const text =
      'project.name = "x"\n[project]\ndependencies = ["a==1", "B_c>2"]\n[project.optional-dependencies]\nfast = ["d"]\n[dependency-groups]\ndev = ["e", {include-group = "x"}]\n[tool.poetry.dependencies]\npython = "^3"\nf = "==1.5"\n"g.h" = {version = "1"}\n[build-system]\nrequires = ["setuptools"]\n';
    const found = readDependencies("/p/pyproject.toml", text.slice(text.indexOf("\n") + 1));
    expect(found.map(({ name, version }) => [name, version])).toEqual([
      ["a", "1"],
      ["b-c", undefined],
      ["d", undefined],
      ["e", undefined],
      ["f", "1.5"],
      ["g-h", undefined],
    ]);
    for (const name of ["pyproject.toml", "uv.lock", "Pipfile.lock", "requirements.txt"]) {
      expect(readDependencies(`/p/${name}`, "[[[ {{ =\u0000")).toEqual([]);
    }
  });
});

describe("renewing from an index", () => {
  let server: Server;
  let answer: { type: string; body: string };
  let asked: string[];
  let index: string;
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? ""}`.trim());
      response.setHeader("content-type", answer.type);
      response.statusCode = request.url === "/simple/none/" ? 404 : 200;
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const names = [
    "fastlib-1.0-cp313-cp313-linux_x86_64.whl",
    "fastlib-1.1-cp313-cp313t-linux_x86_64.whl",
    "fastlib-1.10-cp314-cp314t-linux_x86_64.whl",
    "fastlib-2.0rc1-cp314-cp314t-linux_x86_64.whl",
    "fastlib-1.1.tar.gz",
  ];
  const json = () => ({
    type: "application/vnd.pypi.simple.v1+json",
    body: JSON.stringify({
      name: "fastlib",
      files: [
        ...names.map((filename) => ({ filename, "upload-time": "2026-05-01T00:00:00Z", yanked: false })),
        { filename: "fastlib-9.0-cp313-cp313t-linux_x86_64.whl", yanked: "broken" },
      ],
    }),
  });

  it("reads JSON and pages alike", async () => {
    answer = json();
    const first = await filesOf("FastLib", index);
    answer = {
      type: "text/html",
      body: `<!DOCTYPE html><html>${names.map((name) => `<a href="x" data-upload-time="2026-05-01T00:00:00Z">${name}</a>`).join("")}<a data-yanked="">fastlib-9.0-cp313-cp313t-linux_x86_64.whl</a></html>`,
    };
    expect(await filesOf("FastLib", index)).toEqual(first);
    expect(asked).toEqual(["/simple/fastlib/", "/simple/fastlib/"]);
    expect(rowFrom(first, "2026-11-21")).toMatchObject({
      latest: { version: "1.10", date: "2026-05-01", tags: ["cp314t"] },
      since: { "3.13t": "1.1", "3.14t": "1.10" },
      without: { "3.13t": "1.0", "3.14t": "1.1" },
      until: { "3.13t": ["1.1", "1.10"] },
      refreshed: "2026-11-21",
    });
  });

  it("tells what is wrong in one message, and sends credentials as the address has them", async () => {
    answer = { type: "text/plain", body: "busy" };
    await expect(filesOf("fastlib", index)).rejects.toThrow(
      /answer of the package index at .* is not understood/,
    );
    await expect(filesOf("none", index.replace("//", "//me:secret@"))).rejects.toThrow(/has no such package/);
    expect(asked.at(-1)).toBe(`/simple/none/ Basic ${Buffer.from("me:secret").toString("base64")}`);
    await expect(filesOf("fastlib", "http://127.0.0.1:1/simple")).rejects.toThrow(/cannot be reached/);
  });

  it("chooses the index as pip does", async () => {
    const folder = await mkdtemp(join(tmpdir(), "imports-pip-"));
    try {
      const file = join(folder, "pip.conf");
      await writeFile(file, "[global]\nindex-url = https://mirror.example/simple/\n");
      const env = { PIP_CONFIG_FILE: file, PIP_INDEX_URL: "https://variable.example/simple" };
      expect(indexUrl("https://option.example/simple/", env)).toBe("https://option.example/simple");
      expect(indexUrl(undefined, env)).toBe("https://variable.example/simple");
      expect(indexUrl(undefined, { PIP_CONFIG_FILE: file })).toBe("https://mirror.example/simple");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("keeps what people found out beside renewed wheels", () => {
    const renewed = rowFrom(
      [{ name: "lxml-8.0-cp314-cp314t-linux_x86_64.whl", day: "2026-11-01" }],
      "2026-11-21",
    );
    if (renewed === undefined || renewed === "pure") throw new Error("no row");
    const file = packageFile.parse({
      version: 1,
      checked: "2026-01-01",
      sources: [],
      imports: {},
      pure: "",
      native: { lxml: { ft: "partial", gil: "re-enables", declaredSince: "7.0.0a1", note: "A note." } },
    });
    const merged = new PackageFacts(file, { version: 1, pure: {}, native: { lxml: renewed } });
    expect(merged.row("lxml")).toMatchObject({
      gil: "re-enables",
      since: { "3.14t": "8.0" },
      note: "A note.",
      refreshed: "2026-11-21",
    });
    expect(knownVerdict(merged, "lxml", "8.0", "3.14t")?.verdict).toBe("keeps-gil-off");
  });
});

describe("import statements of a text", () => {
  const read = (text: string) =>
    sourceImports(text, { version: [3, 13], system: "linux" }).map(({ module, level, names, runs }) => [
      `${".".repeat(level)}${module}`,
      names.join(","),
      runs,
    ]);

  it("in all their shapes, with exact places", () => {
    const text =
      "import a, b.c as d ,e\nfrom . import (x, # why\n  y as z)\nfrom ..m.n \\\n  import *\nif x: import f; import g\n";
    expect(read(text)).toEqual([
      ["a", "", "always"],
      ["b.c", "", "always"],
      ["e", "", "always"],
      [".", "x,y", "always"],
      ["..m.n", "*", "always"],
      ["f", "", "maybe"],
      ["g", "", "maybe"],
    ]);
    for (const { start, end, module, level } of sourceImports(text, { version: [3, 13], system: "linux" })) {
      expect(text.slice(start, end)).toBe(`${".".repeat(level)}${module}`);
    }
  });

  it("not in strings, comments or brackets, whatever is open", () => {
    const text =
      "'''\nimport no\n'''\n# import no\nx = (\n'import no',\n)\ny = r'\\'\ns = 'it''s'\nimport yes\nz = f(\nimport also\n";
    expect(read(text)).toEqual([
      ["yes", "", "always"],
      ["also", "", "always"],
    ]);
  });

  it("by when they run", () => {
    const text =
      "class C:\n    import a\n    def f(self):\n        import b\ntry:\n    import c\nfinally:\n    import d\nwith x:\n\timport e\nfor _ in x:\n    import f\nelse:\n    import g\nif not TYPE_CHECKING:\n    import h\nelif x:\n    import i\nelse:\n    import j\nif sys.version_info[:2] >= (3, 14) or sys.platform == 'win32':\n    import k\n";
    expect(Object.fromEntries(read(text).map(([module, , runs]) => [module, runs]))).toEqual({
      a: "always",
      b: "called",
      c: "always",
      d: "always",
      e: "always",
      f: "maybe",
      g: "maybe",
      h: "always",
      i: "never",
      j: "never",
      k: "never",
    });
  });
});

test("names of compiled files say which build looks at them", () => {
  const use = (name: string, minor: number, freeThreaded: boolean) =>
    compiledFile(name, { version: [3, minor], freeThreaded, system: "linux" })?.use;
  expect(use("a.cpython-313t-x86_64-linux-gnu.so", 13, true)).toBe("loads");
  expect(use("a.cp313t-win_amd64.pyd", 13, true)).toBe("loads");
  expect(use("a.cpython-313-darwin.so", 13, true)).toBe("another");
  expect(use("a.cpython-313t-darwin.so", 13, false)).toBe("another");
  expect(use("a.abi3.so", 13, true)).toBe("mismatched");
  expect(use("a.abi3.so", 15, true)).toBe("another");
  expect(use("a.abi3.so", 13, false)).toBe("loads");
  expect(use("a.abi3t.so", 15, true)).toBe("loads");
  expect(use("a.so", 15, true)).toBe("loads");
  expect(use("a.pypy310-pp73-x86_64-linux-gnu.so", 13, true)).toBe("another");
  expect(use("libx.so.1", 13, true)).toBeUndefined();
});
