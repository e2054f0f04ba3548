/** Findings in build files and native sources as an editor meets them, and the same from the command line. */
import { cp, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CodeAction, Diagnostic, TextDocumentEdit, TextEdit } from "vscode-languageserver";
import { fixtures } from "./buildProjects.ts";
import { ProjectFolder } from "./commandLine.ts";
import { LspClient, refresh } from "./lspClient.ts";

let folder: string;
let client: LspClient;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "threadproof-builds-")));
  await cp(fixtures, folder, { recursive: true });
  client = new LspClient();
  await client.start({ workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: "project" }] });
});
afterAll(async () => {
  client.kill();
  await rm(folder, { recursive: true, force: true });
});

const uriOf = (name: string) => pathToFileURL(join(folder, name)).toString();
const rulesOf = (items: readonly Diagnostic[]) =>
  items.map(({ code, range }) => `${range.start.line + 1} ${code}`);

/** Pulls a document's diagnostics until they are as wanted: projects are read beside the first answer. */
async function until(name: string, wanted: (items: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
  for (;;) {
    const again = client.next(refresh);
    const items = await client.diagnostics(uriOf(name));
    if (wanted(items)) return items;
    await again;
  }
}

async function opened(name: string): Promise<Diagnostic[]> {
  await client.open(uriOf(name), await readFile(join(folder, name), "utf8"));
  return until(name, (items) => items.length > 0);
}

test.each([
  ["c-extension/src/slots.c", ["21 module-slot-missing"]],
  [
    "c-extension/pyproject.toml",
    [
      "12 missing-free-threading-classifier",
      "18 warnings-as-errors-hide-gil",
      "25 cibuildwheel-without-free-threaded",
    ],
  ],
  ["cython/setup.py", ["5 cython-directive-missing"]],
  ["cython/plain.pyx", ["1 cython-directive-missing"]],
  ["rust/src/lib.rs", ["12 pyo3-not-opted-in"]],
  ["pybind-nanobind/CMakeLists.txt", ["7 nanobind-not-opted-in"]],
  ["service/Dockerfile", ["7 gil-forced-off"]],
])("%s is judged when it is open", async (name, expected) => {
  expect(rulesOf(await opened(name))).toEqual(expected);
});

test("an unsaved edit of one file counts for another, and for itself", async () => {
  const items = await opened("meson-cython-f2py/src/fast.pyx");
  expect(rulesOf(items)).toEqual(["1 cython-directive-missing"]);
  const meson = uriOf("meson-cython-f2py/meson.build");
  const text = await readFile(join(folder, "meson-cython-f2py/meson.build"), "utf8");
  await client.open(meson, text.replace("install: true", "cython_args: ['-Xfreethreading_compatible=True']"));
  await client.diagnostics(meson);
  expect(await until("meson-cython-f2py/src/fast.pyx", (now) => now.length === 0)).toEqual([]);
});

test("a repair is offered for its finding and takes it away", async () => {
  const name = "pybind-nanobind/bound.cpp";
  const [item] = await opened(name);
  const actions = (await client.codeActions(uriOf(name), item!)) as CodeAction[];
  expect(actions.map(({ title }) => title)).toEqual([
    "Pass `py::mod_gil_not_used()`, once the module's shared state is safe",
  ]);
  const [change] = actions[0]!.edit!.documentChanges as TextDocumentEdit[];
  const [{ range, newText }] = change!.edits as [TextEdit];
  await client.edit(uriOf(name), 2, range, newText);
  expect(await client.diagnostics(uriOf(name))).toEqual([]);
});

test("the command line tells the same, honours options, and knows them in a baseline", async () => {
  const project = await ProjectFolder.create({
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
    "setup.py": "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('m', ['m.c'])])\n",
    "m.c": await readFile(join(fixtures, "c-extension/src/single.c"), "utf8"),
  });
  expect(await project.check(".")).toMatchObject({ code: 1, found: ["m.c:10 module-slot-missing warning"] });
  expect((await project.check("m.c")).found).toEqual(["m.c:10 module-slot-missing warning"]);
  expect((await project.check("setup.py")).found).toEqual([]);
  expect((await project.check("--ignore", "module-slot-missing", ".")).found).toEqual([]);
  await project.run("check", "--write-baseline", "known.json", ".");
  expect((await project.check("--baseline", "known.json", ".")).found).toEqual([]);
  await project.write({ "crate/Cargo.toml": '[dependencies]\npyo3 = "0.25"\n', ".git/HEAD": "" });
  await project.write({ "crate/src/lib.rs": "#[pymodule]\nfn m() {}\n" });
  await project.remove("pyproject.toml");
  await project.remove("setup.py");
  const crate = await project.check("crate/src/lib.rs");
  expect(crate.found).toEqual(["crate/src/lib.rs:1 pyo3-not-opted-in warning"]);
  await project.remove();
});
