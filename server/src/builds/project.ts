/** One project's build files, and what they say together: what it builds, with what, and for which versions. */
import { basename, posix } from "node:path";
import { satisfies } from "@renovatebot/pep440";
import { TomlDocument, type TomlPath } from "../configuration/tomlDocument.ts";
import type { PythonParser } from "../syntax/parser.ts";
import type { BuildFile, BuildFileKind } from "./buildFile.ts";
import { type IniEntry, iniEntries, linesOf } from "./scripts/iniText.ts";
import { readSetupScript, type SetupScript } from "./scripts/setupScript.ts";

export interface TomlFile {
  readonly file: BuildFile;
  readonly toml: TomlDocument;
}

/** A string in a build file, such as a requirement or a classifier, with its place; quotes are not part of it. */
export interface PlacedText {
  readonly file: BuildFile;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Build requirements that are there for extension modules only. */
const extensionTools =
  /^(cython|cython3|pybind11|nanobind|maturin|meson-python|scikit-build|scikit-build-core|setuptools-rust|mypyc?|cffi)\b/i;
const extensionBackends = /maturin|mesonpy|scikit_build/;
const extensionCalls = new Set([
  "Extension",
  "cythonize",
  "RustExtension",
  "Pybind11Extension",
  "CUDAExtension",
  "CppExtension",
]);

export class BuildProject {
  readonly pyproject: TomlFile | undefined;
  readonly setup: { readonly file: BuildFile; readonly script: SetupScript } | undefined;
  readonly configs: readonly { readonly file: BuildFile; readonly entries: readonly IniEntry[] }[];

  /** @param root the project's top, absolute with forward slashes */
  constructor(
    readonly root: string,
    readonly files: readonly BuildFile[],
    parser: PythonParser,
  ) {
    const top = files.filter(({ path }) => posix.dirname(path) === root);
    const pyproject = top.find(({ kind }) => kind === "pyproject");
    this.pyproject = pyproject && readToml(pyproject);
    const setup = top.find(({ kind }) => kind === "setup-script");
    this.setup = setup && { file: setup, script: readSetupScript(parser.parse(setup.text)) };
    this.configs = top
      .filter(({ kind }) => kind === "ini")
      .map((file) => ({ file, entries: iniEntries(file.text) }));
  }

  of(...kinds: BuildFileKind[]): BuildFile[] {
    return this.files.filter(({ kind }) => kinds.includes(kind));
  }

  /** Whether the project compiles extension modules. */
  get buildsExtensions(): boolean {
    return (
      this.buildRequirements.some(({ text }) => extensionTools.test(text)) ||
      extensionBackends.test(String(this.value("build-system", "build-backend") ?? "")) ||
      this.value("tool", "setuptools", "ext-modules") !== undefined ||
      this.setupBuilds ||
      this.files.some((file) => buildsExtension(file))
    );
  }

  private get setupBuilds(): boolean {
    const { script } = this.setup ?? {};
    if (!script) return false;
    const lists = ["ext_modules", "rust_extensions", "cffi_modules"].flatMap((key) => script.values(key));
    return lists.length > 0 || script.calls.some(({ name }) => extensionCalls.has(name));
  }

  /** Whether the project says in some way that free-threaded builds are meant. */
  get meansFreeThreading(): boolean {
    const word =
      /Py_MOD_GIL_NOT_USED|mod_gil_not_used|gil_used\s*=\s*false|freethreading_compatible|\bFREE_THREADED\b|:: Free Threading|\b(cp)?3\.?1\d+t\b|cpython-freethreading/;
    return this.files.some(({ text }) => word.test(text));
  }

  get classifiers(): readonly PlacedText[] {
    const { pyproject, setup } = this;
    const found = pyproject ? stringsAt(pyproject, ["project", "classifiers"]) : [];
    for (const { start, end } of setup?.script.values("classifiers") ?? []) {
      for (const one of setup!.script.strings(start, end)) found.push(...placed(setup!.file, one));
    }
    for (const { file, entries } of this.configs) {
      for (const entry of entries) {
        if (entry.section !== "metadata" || !/^classifiers?$/.test(entry.key)) continue;
        for (const { text, start } of linesOf(entry))
          found.push({ file, text, start, end: start + text.length });
      }
    }
    return found;
  }

  get buildRequirements(): readonly PlacedText[] {
    const { pyproject, setup } = this;
    const found = pyproject ? stringsAt(pyproject, ["build-system", "requires"]) : [];
    for (const { start, end } of setup?.script.values("setup_requires") ?? []) {
      for (const one of setup!.script.strings(start, end)) found.push(...placed(setup!.file, one));
    }
    for (const { file, entries } of this.configs) {
      const entry = entries.find(({ section, key }) => section === "options" && key === "setup_requires");
      for (const { text, start } of entry ? linesOf(entry) : [])
        found.push({ file, text, start, end: start + text.length });
    }
    return found;
  }

  /** Whether versions before 3.13 are supported; undefined when nobody says. */
  get supportsOlder(): boolean | undefined {
    const written = this.requiresPython;
    if (written === undefined) return undefined;
    try {
      return ["3.12.9", "3.11.9", "3.10.9", "3.9.9", "3.8.9"].some((version) => satisfies(version, written));
    } catch {
      return undefined;
    }
  }

  private get requiresPython(): string | undefined {
    const own = this.value("project", "requires-python");
    if (typeof own === "string") return own;
    const script = this.setup?.script.values("python_requires")[0]?.text;
    if (script !== undefined) return script;
    const entries = this.configs.flatMap((config) => config.entries);
    return entries
      .find(({ section, key }) => section === "options" && key === "python_requires")
      ?.value.trim();
  }

  /** The value at a path of `pyproject.toml`. */
  value(...path: string[]): unknown {
    return this.pyproject && valueAt(this.pyproject.toml.value, path);
  }

  /** A path as a reader of the project would write it. */
  shown(path: string): string {
    return posix.relative(this.root, path);
  }
}

export function valueAt(value: unknown, path: TomlPath): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

/** A file that is not valid TOML, as while it is being edited, says nothing. */
export function readToml(file: BuildFile): TomlFile | undefined {
  try {
    return { file, toml: new TomlDocument(file.text) };
  } catch {
    return undefined;
  }
}

/** The strings of a list, or the one that stands in its place. */
export function stringsAt({ file, toml }: TomlFile, path: TomlPath): PlacedText[] {
  const value = valueAt(toml.value, path);
  const one = (text: unknown, at: TomlPath): PlacedText[] => {
    if (typeof text !== "string") return [];
    const { start, end } = toml.rangeOfValue(at);
    const quotes = /^("""|''')/.test(file.text.slice(start, end)) ? 3 : 1;
    return [{ file, text, start: start + quotes, end: end - quotes }];
  };
  return Array.isArray(value) ? value.flatMap((text, i) => one(text, [...path, i])) : one(value, path);
}

function placed(
  file: BuildFile,
  { text, source, start, end }: { text: string | undefined; source: string; start: number; end: number },
): PlacedText[] {
  if (text === undefined) return [];
  const before = source.indexOf(text);
  return [{ file, text, start: start + before, end: end - (source.length - before - text.length) }];
}

function buildsExtension({ kind, text, path }: BuildFile): boolean {
  switch (kind) {
    case "cython":
      return true;
    case "cmake":
      return /\b(pybind11_add_module|nanobind_add_module|python3?_add_library|python_add_library|Py_?init)\b/i.test(
        text,
      );
    case "meson":
      return /\.extension_module\s*\(/.test(text);
    case "cargo":
      return /^\s*(\[.*dependencies\.pyo3\]|pyo3\s*=)/m.test(text);
    case "native":
      return /\bPyInit_\w+\s*\(\s*(void)?\s*\)|\bPYBIND11_MODULE\s*\(|\bPyModExport_\w+/.test(text);
    default:
      return basename(path) === "setup.py" && /\bext_modules\b/.test(text);
  }
}
