/** What is known of packages without their files: the shipped facts and lock files. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { readDependencies } from "../src/imports/dependencies/projectFiles.ts";
import { type KnownBuild, knownVerdict } from "../src/imports/knowledge/knownVerdict.ts";
import { listedBuild } from "../src/imports/knowledge/listedWheels.ts";
import { PackageFacts, packageFile } from "../src/imports/knowledge/packageFacts.ts";
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
