/** The import audit on real environments: verdicts against what the interpreter itself does. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { readEnvironment } from "../src/environment/pythonEnvironment.ts";
import { defaultOptions } from "../src/findings/options.ts";
import type { ImportAudit } from "../src/imports/audit.ts";
import { dependencyFindings } from "../src/imports/importFindings.ts";
import { ImportReports } from "../src/imports/importReports.ts";
import { importRules } from "../src/imports/importRules.ts";
import { WorkspaceModules } from "../src/imports/workspaceModules.ts";
import { probeImports } from "../src/probe/probe.ts";
import { pair313 } from "./benchMachine.ts";
import { build } from "./binaryExtensions.ts";
import { newAudit, TestEnvironment } from "./importEnvironments.ts";
import { installSamples } from "./importSamples.ts";

let machine: TestEnvironment;
let audit: ImportAudit;

beforeAll(async () => {
  machine = await TestEnvironment.create();
  await installSamples(machine);
  audit = machine.audit();
}, 120_000);
afterAll(() => machine.remove());

/** Module, verdict, and what the interpreter says: the GIL's state afterwards, or that the import fails. */
const cases: [module: string, verdict: string, gil: boolean | "error"][] = [
  ["plain", "pure", false],
  ["declared", "keeps-gil-off", false],
  ["undeclared", "enables-gil", true],
  ["chain_top", "enables-gil", true],
  ["lazy", "pure", false],
  ["versions", "keeps-gil-off", false],
  ["optional", "keeps-gil-off", false],
  ["optional_there", "enables-gil", true],
  ["other_build", "no-free-threaded-build", "error"],
  ["falls_back", "pure", false],
  ["insists", "no-free-threaded-build", "error"],
  ["spaces.one", "pure", false],
  ["spaces.two", "enables-gil", true],
  ["single", "enables-gil", true],
  ["shadow", "enables-gil", true],
  ["inplace", "enables-gil", true],
  ["json", "stdlib", false],
  ["_ctypes", "stdlib", false],
];

describe("verdicts are what the interpreter does", () => {
  it.each(cases)("%s: %s", async (module, verdict, gil) => {
    expect((await audit.verdict(module)).verdict).toBe(verdict);
    expect(await machine.gilAfter(module)).toBe(gil);
  });

  it("an editable finder is read, and agrees with the interpreter where that runs it", async () => {
    expect((await audit.verdict("finderpkg")).verdict).toBe("keeps-gil-off");
  });

  it("a project installed in place whose finder tells nothing is looked for in its folder", async () => {
    const verdict = await audit.verdict("hidden_project");
    expect(verdict).toMatchObject({
      verdict: "enables-gil",
      distribution: "hidden",
      distributionVersion: "0.3",
    });
  });
});

test("nothing of the environment is run: neither imports nor lines of .pth files", async () => {
  const { existsSync } = await import("node:fs");
  const fresh = await TestEnvironment.create();
  try {
    await fresh.install("quiet", "1.0", { "quiet/__init__.py": "import quiet.part\n", "quiet/part.py": "" });
    const mark = join(fresh.folder, "was-run");
    await fresh.write(fresh.site, { "evil.pth": `import os; open(${JSON.stringify(mark)}, "a").close()\n` });
    expect((await fresh.audit().verdict("quiet")).verdict).toBe("pure");
    expect([existsSync(mark), await fresh.bytecode()]).toEqual([false, []]);
    await fresh.gilAfter("quiet");
    expect([existsSync(mark), (await fresh.bytecode()).length > 0]).toEqual([true, true]);
  } finally {
    await fresh.remove();
  }
});

describe("what a verdict tells", () => {
  it("names all culprits with file, distribution and chain", async () => {
    const { culprits, chain, evidence } = await audit.verdict("chain_top");
    expect(culprits.map(({ module }) => module).sort()).toEqual(["undeclared._fast", "undeclared._other"]);
    expect(chain).toEqual(["chain_top", "chain_middle.deep", "undeclared", "undeclared._fast"]);
    expect(culprits[0]).toMatchObject({
      distribution: "undeclared",
      distributionVersion: "2.1",
      reason: "undeclared",
      conditional: false,
    });
    expect(culprits.find(({ module }) => module === "undeclared._other")?.reason).toBe("declared-not-safe");
    expect(culprits[0]?.file).toMatch(/undeclared\/_fast\.cpython-313t-.*\.so$/);
    expect(new Set(evidence.map(({ source }) => source))).toEqual(new Set(["binary"]));
  });

  it("tells abi3 in a free-threaded environment apart", async () => {
    const verdict = await audit.verdict("stable_abi");
    expect(verdict.verdict).toBe("no-free-threaded-build");
    expect(verdict.culprits.map(({ reason }) => reason)).toEqual(["abi3"]);
  });

  it("notes compiled parts that are done without", async () => {
    const { notes } = await audit.verdict("falls_back");
    expect(notes.join()).toMatch(/falls_back\._fast is compiled for cp313 only; .*falls back/);
  });

  it("finds distributions of namespace packages", async () => {
    expect(await audit.verdict("spaces.two")).toMatchObject({
      distribution: "ns-two",
      distributionVersion: "3.0",
    });
    expect(await audit.verdict("spaces.one")).toMatchObject({ distribution: "ns-one" });
    expect(await audit.verdict("spaces.three")).toMatchObject({ installed: false, verdict: "unknown" });
  });

  it("puts the real interpreter's answer first", async () => {
    const own = machine.audit();
    const modules = ["undeclared", "declared", "plain", "other_build"];
    for (const result of await probeImports({ python: machine.python, modules, timeoutMs: 60_000 }))
      own.addProbe(result);
    const verdicts = await Promise.all(modules.map((module) => own.verdict(module)));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      "enables-gil",
      "keeps-gil-off",
      "pure",
      "no-free-threaded-build",
    ]);
    expect(verdicts.map(({ evidence }) => evidence[0]?.source)).toEqual(["probe", "probe", "probe", "probe"]);
    expect(verdicts[0]?.culprits.map(({ module }) => module).sort()).toEqual([
      "undeclared._fast",
      "undeclared._other",
    ]);
  });

  it("knows when the environment has changed", async () => {
    const own = machine.audit();
    await own.verdict("declared");
    expect(own.isCurrent()).toBe(true);
    await machine.install("late", "1.0", { "late.py": "" });
    expect(own.isCurrent()).toBe(false);
  });
});

describe("an environment with the GIL", () => {
  it("is judged by versions, and by its files as far as they foretell anything", async () => {
    const { withGil } = await pair313();
    const place = join(machine.folder, "with-gil");
    await execa(withGil.executable, ["-m", "venv", "--without-pip", place]);
    const environment = readEnvironment(join(place, "bin/python"))!;
    const [site] = environment.siteFolders;
    const install = async (name: string, version: string, defines: Record<string, string>) => {
      await build(withGil, {
        source: "multiphase.c",
        target: join(site!, name),
        defines: { NAME: name, ...defines },
      });
      await machine.write(site!, {
        [`${name}-${version}.dist-info/RECORD`]: `${name}.cpython-313-x86_64-linux-gnu.so,,\n`,
      });
    };
    await install("silent", "1.0", {});
    await install("refuses", "1.0", { GIL: "Py_MOD_GIL_USED" });
    await install("numpy", "2.0.2", { GIL: "Py_MOD_GIL_NOT_USED" });
    const own = newAudit({ environment });
    expect([own.build, own.exact]).toEqual(["3.13t", false]);
    const verdicts = await Promise.all(["silent", "refuses", "numpy"].map((module) => own.verdict(module)));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      "unknown",
      "enables-gil",
      "no-free-threaded-build",
    ]);
    expect(verdicts[1]?.evidence[0]?.detail).toContain("predicts and does not prove");
    const findings = await findingsOf({ "app.py": "import refuses\nimport numpy\n" }, own);
    expect(findings.map(({ severity }) => severity)).toEqual(["information", "information"]);
  });
});

async function findingsOf(files: Record<string, string>, using: ImportAudit) {
  const workspace = await Workspace.create(defaultOptions);
  const reports = new ImportReports(
    using,
    new WorkspaceModules([join(machine.folder, "project")], using.platform),
  );
  for (const [name, text] of Object.entries(files)) {
    const path = join(machine.folder, "project", name);
    workspace.update(path, text);
    await reports.prepare(path, text);
  }
  workspace.reportAlso(reports);
  return workspace.allFindings();
}

describe("findings", () => {
  it("stand on the import's name, one per culprit and file", async () => {
    const text = "import os\nimport chain_top, plain\nimport undeclared\nfrom spaces import two, one\n";
    const findings = await findingsOf({ "app.py": text }, audit);
    const shown = findings.map(({ rule, range, severity, evidence }) => [
      rule,
      text.slice(range.start, range.end),
      severity,
      evidence,
    ]);
    expect(shown).toEqual([
      ["import-enables-gil", "chain_top", "warning", "proven"],
      ["import-enables-gil", "spaces", "warning", "proven"],
    ]);
    expect(findings[0]?.message).toContain("chain_top → chain_middle.deep → undeclared → undeclared._fast");
  });

  it("leave out what a try makes do without, type checkers' imports and the project's own modules", async () => {
    await machine.write(join(machine.folder, "project"), { "single/__init__.py": "" });
    const text =
      "from typing import TYPE_CHECKING\nimport single\nif TYPE_CHECKING:\n    import undeclared\ntry:\n    import other_build\nexcept ImportError:\n    other_build = None\n";
    expect(await findingsOf({ "app.py": text }, audit)).toEqual([]);
  });

  it("are silenced by comments, which are not unused then", async () => {
    const text = "import undeclared  # threadproof: ignore[import-enables-gil]\n";
    expect(await findingsOf({ "app.py": text }, audit)).toEqual([]);
    const workspace = await Workspace.create(defaultOptions);
    workspace.reportAlso(new ImportReports());
    workspace.update("/app.py", text);
    expect(workspace.allFindings()).toEqual([]);
  });

  it.each(importRules.map(({ name }) => name))("behave as the page of %s says", async (name) => {
    const page = await readFile(join(import.meta.dirname, `../../docs/rules/${name}.md`), "utf8");
    const blocks = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map((match) => match[1]!);
    const rules = async (code: string) =>
      (await findingsOf({ "page.py": code }, audit)).map(({ rule }) => rule);
    // An import in a thread is an import, too.
    const beside = name === "gil-import-in-thread" ? ["import-enables-gil"] : [];
    expect(await rules(blocks.find((code) => code.startsWith("# bad"))!)).toEqual([...beside, name]);
    expect(blocks.filter((code) => !code.startsWith("# bad")).length).toBe(1);
    expect(await rules(blocks.find((code) => !code.startsWith("# bad"))!)).toEqual([]);
  });

  it("from published knowledge alone are information", async () => {
    const findings = await findingsOf({ "app.py": "import psycopg2\nimport numpy\n" }, newAudit());
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["no-free-threaded-build", "information"],
    ]);
  });

  it("stand on dependencies at their line", async () => {
    const text = '[project]\nname = "x"\ndependencies = [\n  "undeclared>=2",\n  "declared",\n]\n';
    const findings = await dependencyFindings("/p/pyproject.toml", text, audit);
    expect(
      findings.map(({ rule, range }) => [rule, text.slice(range.start, range.end), range.startLine]),
    ).toEqual([["import-enables-gil", "undeclared", 3]]);
  });
});
