/** Virtual environments of the free-threaded build with hand-made distributions, for tests of the import audit. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { execa } from "execa";
import { DeclarationCache } from "../src/binary/declarationCache.ts";
import { type PythonEnvironment, readEnvironment } from "../src/environment/pythonEnvironment.ts";
import type { TargetVersion } from "../src/findings/options.ts";
import { ImportAudit } from "../src/imports/audit.ts";
import { SourceCache } from "../src/imports/importGraph.ts";
import { PackageFacts } from "../src/imports/knowledge/packageFacts.ts";
import { pair313 } from "./benchMachine.ts";
import { build } from "./binaryExtensions.ts";

/** What a compiled module says: `GIL` for the value of its slot, or nothing. */
export interface Compiled {
  readonly gil?: "Py_MOD_GIL_NOT_USED" | "Py_MOD_GIL_USED";
  /** In place of the interpreter's own suffix. */
  readonly suffix?: string;
}

export const declared: Compiled = { gil: "Py_MOD_GIL_NOT_USED" };
export const undeclared: Compiled = {};

export class TestEnvironment {
  private constructor(
    readonly folder: string,
    readonly python: string,
    readonly site: string,
  ) {}

  static async create(): Promise<TestEnvironment> {
    const folder = await mkdtemp(join(tmpdir(), "imports-"));
    const { freeThreaded } = await pair313();
    const place = join(folder, ".venv");
    await execa(freeThreaded.executable, ["-m", "venv", "--without-pip", place]);
    return new TestEnvironment(
      folder,
      join(place, "bin/python"),
      join(place, "lib/python3.13t/site-packages"),
    );
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  async write(root: string, files: Readonly<Record<string, string | Compiled>>): Promise<string[]> {
    const { freeThreaded } = await pair313();
    const written: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      if (typeof content === "string") {
        await writeFile(path, content);
        written.push(path);
      } else {
        const { gil, suffix } = content;
        const module = name.split("/").at(-1)!;
        const defines = { NAME: module, ...(gil && { GIL: gil }) };
        const target = { source: "multiphase.c", target: path, defines, ...(suffix && { suffix }) };
        written.push(await build(freeThreaded, target));
      }
    }
    return written;
  }

  /** Installs files as a wheel would: with `.dist-info` and RECORD. Names of compiled modules have no suffix. */
  async install(
    name: string,
    version: string,
    files: Readonly<Record<string, string | Compiled>>,
  ): Promise<void> {
    const written = await this.write(this.site, files);
    const info = `${name.replaceAll("-", "_")}-${version}.dist-info`;
    const lines = [...written.map((path) => relative(this.site, path)), `${info}/METADATA`, `${info}/RECORD`];
    await this.write(this.site, {
      [`${info}/METADATA`]: `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n`,
      [`${info}/RECORD`]: lines.map((line) => `${line},,\n`).join(""),
    });
  }

  get environment(): PythonEnvironment {
    return readEnvironment(this.python)!;
  }

  audit(target?: TargetVersion): ImportAudit {
    return newAudit({ environment: this.environment, target });
  }

  /** Whether the real interpreter runs with the GIL after an import; `error` when that fails. */
  async gilAfter(module: string): Promise<boolean | "error"> {
    const code = `import sys, warnings; warnings.simplefilter("ignore"); import ${module}; print(sys._is_gil_enabled())`;
    const { stdout, failed } = await execa(this.python, ["-I", "-c", code], { reject: false });
    return failed ? "error" : stdout.trim() === "True";
  }

  /** Everything below the environment that Python has compiled to bytecode: a trace of imports. */
  async bytecode(): Promise<string[]> {
    const names = await readdir(this.site, { recursive: true });
    return names.filter((name) => name.endsWith(".pyc"));
  }
}

export function newAudit(inputs: Partial<ConstructorParameters<typeof ImportAudit>[0]> = {}): ImportAudit {
  return new ImportAudit({
    facts: PackageFacts.load(),
    declarations: new DeclarationCache(),
    sources: new SourceCache(),
    ...inputs,
  });
}
