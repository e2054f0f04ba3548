/** What the rules about C say, against the real interpreters: compiled, imported, and the GIL looked at. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildFinding } from "../src/builds/buildReport.ts";
import type { Interpreter } from "../src/environment/interpreter.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { probeImports } from "../src/probe/probe.ts";
import { pair313 } from "./benchMachine.ts";
import { buildSettings } from "./binaryExtensions.ts";
import { inspect, projectFiles } from "./buildProjects.ts";

let folder: string;
let freeThreaded: Interpreter;
let withGil: Interpreter;
/** A virtual environment of the free-threaded build, and where its modules go. */
let python: string;
let packages: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threadproof-compiled-"));
  ({ withGil, freeThreaded } = await pair313());
  const environment = join(folder, "environment");
  await execa(freeThreaded.executable, ["-m", "venv", "--without-pip", environment]);
  python = join(environment, "bin/python");
  const question = "import sysconfig; print(sysconfig.get_path('platlib'))";
  packages = (await execa(python, ["-I", "-c", question])).stdout;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles a text for an interpreter, warnings about functions that are not declared being errors. */
async function compile(interpreter: Interpreter, module: string, text: string, into: string) {
  const { include, suffix } = await buildSettings(interpreter);
  await mkdir(into, { recursive: true });
  const source = join(into, `${module}.c`);
  await writeFile(source, text);
  const strict = "-Werror=implicit-function-declaration";
  const flags = ["-shared", "-fPIC", "-O1", strict, `-I${include}`];
  const result = await execa("gcc", [...flags, source, "-o", join(into, `${module}${suffix}`)], {
    reject: false,
  });
  return { ok: result.exitCode === 0, errors: result.stderr };
}

async function outcomeOf(module: string, text: string): Promise<string | undefined> {
  const { errors } = await compile(freeThreaded, module, text, packages);
  const [result] = await probeImports({ python, modules: [module], timeoutMs: 60_000, cwd: folder });
  return result?.outcome ?? errors;
}

const only = (findings: readonly BuildFinding[], rule: string) => {
  const found = findings.filter((finding) => finding.rule === rule);
  expect(found.length).toBe(1);
  return found[0]!;
};
const repaired = (text: string, { fixes }: BuildFinding) => applyEdits(text, fixes[0]!.edits);
const bad = projectFiles("c-extension");
const good = projectFiles("c-opted-in");
const old = projectFiles("old-versions");
/** The single definition with a hook in another form. */
const returned = bad["src/single.c"]!.replace(
  /PyObject \*module;[\s\S]*return module;/,
  "return PyModule_Create(&definition);",
);

describe("module-slot-missing", () => {
  test.each([
    ["slots", bad["src/slots.c"]!],
    ["single", bad["src/single.c"]!],
    ["single", returned],
  ])("%s switches the GIL on, and no longer once repaired", async (module, text) => {
    const finding = only(inspect({ "m.c": text }), "module-slot-missing");
    expect(await outcomeOf(module, text)).toBe("enables-gil");
    const better = repaired(text, finding);
    expect(inspect({ "m.c": better })).toEqual([]);
    expect(await outcomeOf(module, better)).toBe("keeps-gil-off");
    expect(await compile(withGil, module, better, join(folder, "gil"))).toMatchObject({ ok: true });
  });

  test.each([
    ["ready", good["src/ready.c"]!],
    ["single_ready", good["src/single_ready.c"]!],
  ])("%s, without a finding, keeps the GIL off", async (module, text) => {
    expect(inspect({ "m.c": text })).toEqual([]);
    expect(await outcomeOf(module, text)).toBe("keeps-gil-off");
  });
});

test("set-gil-unguarded does not compile with the GIL, and does once repaired", async () => {
  const text = old["src/set_gil.c"]!;
  const finding = only(inspect({ "m.c": text }), "set-gil-unguarded");
  expect((await compile(withGil, "set_gil", text, join(folder, "gil"))).errors).toContain(
    "PyUnstable_Module_SetGIL",
  );
  const better = repaired(text, finding);
  expect(await compile(withGil, "set_gil", better, join(folder, "gil"))).toMatchObject({ ok: true });
  expect(await outcomeOf("set_gil", better)).toBe("keeps-gil-off");
});

test("mod-gil-unguarded does not compile where there is no such slot, and does once repaired", async () => {
  const text = old["src/old.c"]!;
  const finding = only(
    inspect({ "pyproject.toml": old["pyproject.toml"]!, "m.c": text }),
    "mod-gil-unguarded",
  );
  // Headers of 3.12 in what matters: the version they give, and the slot they lack.
  const as312 = (source: string) =>
    source.replace(
      "#include <Python.h>\n",
      "#include <Python.h>\n#undef Py_mod_gil\n#undef PY_VERSION_HEX\n#define PY_VERSION_HEX 0x030C00F0\n",
    );
  const into = join(folder, "old");
  expect((await compile(withGil, "old", as312(text), into)).errors).toContain("Py_mod_gil");
  const better = repaired(text, finding);
  expect(await compile(withGil, "old", as312(better), into)).toMatchObject({ ok: true });
  expect(await outcomeOf("old", better)).toBe("keeps-gil-off");
});

test("limited-api-on-free-threaded: the headers refuse it, as told", async () => {
  const text = `#define Py_LIMITED_API 0x030D0000\n${bad["src/single.c"]!}`;
  expect((await compile(freeThreaded, "single", text, join(folder, "limited"))).errors).toContain(
    "The limited API is not currently supported in the free-threaded build",
  );
  expect(await compile(withGil, "single", text, join(folder, "limited"))).toMatchObject({ ok: true });
});

/** Runs a program with a compiled module; the end of the process counts. */
async function run(program: string): Promise<{ exitCode: number | undefined; timedOut: boolean }> {
  const { exitCode, timedOut } = await execa(python, ["-c", program], { reject: false, timeout: 10_000 });
  return { exitCode, timedOut };
}

test("object-mutex-locked: what the finding is about waits for itself, and the rest of the file runs", async () => {
  const text = bad["src/objects.c"]!;
  only(inspect({ "m.c": text }), "object-mutex-locked");
  // Between locking and unlocking, the object is used as the interpreter uses it.
  const used = text.replace(
    "PyMutex_Unlock(&object->ob_mutex);",
    "PyList_Append(object, Py_None);\n    PyMutex_Unlock(&object->ob_mutex);",
  );
  expect(await outcomeOf("objects", used)).toBe("keeps-gil-off");
  expect(await run("import objects; print(objects.total({1: 2}), objects.spell())")).toEqual({
    exitCode: 0,
    timedOut: false,
  });
  expect((await run("import objects; objects.lock_object([])")).timedOut).toBe(true);
});
