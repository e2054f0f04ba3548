/** Extension modules that the tests compile from fixtures/extensions against the real interpreters' headers. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { Interpreter } from "../src/environment/interpreter.ts";

const sources = join(import.meta.dirname, "../../fixtures/extensions");

export interface Build {
  /** File in fixtures/extensions. */
  readonly source: string;
  /** Where to put it: a path without the suffix that the interpreter wants. */
  readonly target: string;
  readonly defines?: Readonly<Record<string, string | number>>;
  /** Instead of the interpreter's own suffix. */
  readonly suffix?: string;
  readonly options?: readonly string[];
}

/** What an interpreter says about building for it. */
export async function buildSettings(
  python: Interpreter,
): Promise<{ include: string; suffix: string; library: string }> {
  const question =
    "import json, sysconfig; print(json.dumps({'include': sysconfig.get_path('include')," +
    " 'suffix': sysconfig.get_config_var('EXT_SUFFIX'), 'library': sysconfig.get_path('platstdlib')}))";
  const { stdout } = await execa(python.executable, ["-I", "-c", question]);
  return JSON.parse(stdout);
}

/** @returns the path of the library */
export async function build(
  python: Interpreter,
  { source, target, defines, suffix, options }: Build,
): Promise<string> {
  const settings = await buildSettings(python);
  const output = `${target}${suffix ?? settings.suffix}`;
  await mkdir(dirname(output), { recursive: true });
  const defined = Object.entries(defines ?? {}).map(([name, value]) => `-D${name}=${value}`);
  const flags = ["-shared", "-fPIC", "-O2", `-I${settings.include}`, ...defined, ...(options ?? [])];
  await execa("gcc", [...flags, join(sources, source), "-o", output]);
  return output;
}
