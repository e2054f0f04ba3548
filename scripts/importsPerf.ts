// What verdicts on imports cost, for an environment of 300 distributions that is made up for it:
//   node scripts/run.mjs scripts/importsPerf.ts [PYTHON]
// With PYTHON, an interpreter or virtual environment, that environment is measured instead.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { execa } from "execa";
import { DeclarationCache } from "../server/src/binary/declarationCache.ts";
import { InterpreterCatalogue } from "../server/src/environment/discover.ts";
import type { Interpreter } from "../server/src/environment/interpreter.ts";
import { type PythonEnvironment, readEnvironment } from "../server/src/environment/pythonEnvironment.ts";
import { ImportAudit } from "../server/src/imports/audit.ts";
import { SourceCache } from "../server/src/imports/importGraph.ts";
import { PackageFacts } from "../server/src/imports/knowledge/packageFacts.ts";

const amount = 300;

/** The same numbers in every run: a linear congruential generator. */
function numbers(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Sizes spread as those of real packages: most small, a few with hundreds of modules. */
async function makeUp(folder: string): Promise<PythonEnvironment> {
  const { interpreters } = await new InterpreterCatalogue().find();
  const python = interpreters.find(({ freeThreaded }) => freeThreaded);
  if (!python) throw new Error("needs a free-threaded interpreter: node scripts/providePythons.mjs");
  const place = join(folder, ".venv");
  await execa(python.executable, ["-m", "venv", "--without-pip", place]);
  const environment = readEnvironment(join(place, "bin/python"))!;
  const site = environment.siteFolders[0]!;
  const next = numbers();
  const binaries = await compile(python, folder);
  let files = 0;
  let lines = 0;
  let compiled = 0;
  for (let index = 0; index < amount; index += 1) {
    const name = `dist${index}`;
    const size = Math.min(600, Math.max(1, Math.round(Math.exp(1 + 2.6 * next() + 1.4 * (next() - 0.5)))));
    const record: string[] = [];
    const write = (path: string, content: string | Uint8Array) => {
      mkdirSync(dirname(join(site, path)), { recursive: true });
      writeFileSync(join(site, path), content);
      record.push(`${path},,\n`);
    };
    for (let module = 0; module < size; module += 1) {
      const text = source(index, module, size, next);
      lines += text.split("\n").length;
      write(module === 0 ? `${name}/__init__.py` : `${name}/m${module}.py`, text);
      files += 1;
    }
    if (index % 6 === 0) {
      for (let module = 0; module < 1 + Math.floor(next() * 12); module += 1) {
        // Each file has a content of its own, and the size of an ordinary Cython module.
        const padding = Buffer.alloc(150_000 + Math.floor(next() * 500_000), index + module + 1);
        const binary = binaries[index % 18 === 0 ? 0 : 1]!;
        write(`${name}/_c${module}${binary.suffix}`, Buffer.concat([binary.bytes, padding]));
        compiled += 1;
      }
      const all = Array.from(
        { length: 12 },
        (_, module) => `try:\n    from . import _c${module}\nexcept ImportError:\n    pass\n`,
      );
      write(`${name}/native.py`, all.join(""));
    }
    write(`${name}-1.${index}.dist-info/METADATA`, `Name: ${name}\nVersion: 1.${index}\n`);
    writeFileSync(join(site, `${name}-1.${index}.dist-info`, "RECORD"), record.join(""));
  }
  say(`made up: ${amount} distributions, ${files} modules, ${lines} lines, ${compiled} extension modules`);
  return environment;
}

function source(index: number, module: number, size: number, next: () => number): string {
  const parts = [
    '"""A module."""',
    "from __future__ import annotations",
    "import os, sys",
    "from typing import TYPE_CHECKING",
    "",
  ];
  // A package imports about half of its own modules, and a few others' packages, when it is imported.
  if (module === 0) {
    for (let other = 1; other < size; other += 1)
      if (next() < 0.5) parts.push(`from .m${other} import thing${other}`);
    if (index % 6 === 0) parts.push("from . import native");
    for (let other = 0; other < 4 && index > 3; other += 1)
      parts.push(`import dist${Math.floor(next() * index)}`);
  } else if (size > 2) parts.push(`from . import m${1 + Math.floor(next() * (size - 1))}`);
  parts.push("if TYPE_CHECKING:", "    import collections.abc", "");
  for (let at = 0; at < 3 + next() * 12; at += 1) {
    parts.push(
      `class C${at}:`,
      `    """Says what it is for, in a few words: {at}."""`,
      "",
      "    def method(self, value, other=None):",
      "        # a comment with an apostrophe: it's here",
      "        import json",
      "        result = {'a': [1, 2, (3, 4)], \"b\": f'{value!r}'}",
      "        if other is not None:",
      "            return [item for item in result if item not in other]",
      "        return json.dumps(result)",
      "",
      "    def __repr__(self):",
      "        return '<%s>' % (self.__class__.__name__,)",
      "",
    );
  }
  return `${parts.join("\n")}\nthing${module} = 1\n`;
}

async function compile(python: Interpreter, folder: string) {
  const question =
    "import json, sysconfig as s; print(json.dumps([s.get_path('include'), s.get_config_var('EXT_SUFFIX')]))";
  const [include, suffix] = JSON.parse((await execa(python.executable, ["-I", "-c", question])).stdout) as [
    string,
    string,
  ];
  const made: { suffix: string; bytes: Uint8Array }[] = [];
  for (const gil of [[], ["-DGIL=Py_MOD_GIL_NOT_USED"]]) {
    const output = join(folder, `sample${made.length}.so`);
    await execa("gcc", [
      "-shared",
      "-fPIC",
      "-O2",
      `-I${include}`,
      "-DNAME=sample",
      ...gil,
      "fixtures/extensions/multiphase.c",
      "-o",
      output,
    ]);
    made.push({ suffix, bytes: readFileSync(output) });
  }
  return made;
}

async function judgeAll(audit: ImportAudit): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const distribution of audit.distributions.all) {
    for (const module of audit.distributions.modulesOf(distribution)) {
      const { verdict } = await audit.verdict(module);
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  }
  return counts;
}

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const before = process.cpuUsage();
  const result = await action();
  const { user, system } = process.cpuUsage(before);
  const elapsed = Math.round(performance.now() - start);
  say(`${what}: ${elapsed} ms (${Math.round((user + system) / 1000)} ms of processor time)`);
  return result;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const folder = mkdtempSync(join(tmpdir(), "threadproof-imports-"));
try {
  const [named] = process.argv.slice(2);
  const environment = named ? readEnvironment(named) : await makeUp(folder);
  if (!environment) throw new Error(`${named} is no interpreter whose folders can be read`);
  const inputs = {
    facts: new PackageFacts(JSON.parse(readFileSync("server/data/packages.json", "utf8"))),
    declarations: new DeclarationCache(),
    sources: new SourceCache(),
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let audit = new ImportAudit({ ...inputs, environment });
  const counts = await timed("cold: all verdicts, nothing read before", () => judgeAll(audit));
  delay.disable();
  say(`  longest stop of the event loop: ${Math.round(delay.max / 1e6)} ms`);
  say(`  ${JSON.stringify(counts)}, ${audit.filesRead} modules reached`);
  await timed("warm: is the environment unchanged, and all verdicts again", async () => {
    if (!audit.isCurrent()) throw new Error("the environment has changed");
    return judgeAll(audit);
  });
  await timed("after a change: all anew, contents known", async () => {
    audit = new ImportAudit({ ...inputs, environment });
    return judgeAll(audit);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
