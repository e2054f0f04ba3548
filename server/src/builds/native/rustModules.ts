/** Modules written with PyO3: the version in `Cargo.toml`, and what `#[pymodule]` says. */
import { posix } from "node:path";
import pyo3NotOptedIn from "../../rules/builds/pyo3-not-opted-in.ts";
import { closeOf } from "../brackets.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport } from "../buildReport.ts";
import { type BuildProject, readToml, type TomlFile, valueAt } from "../project.ts";

/** The minor of PyO3 0.x that a crate builds with, at least and at most. */
interface Versions {
  readonly least: number;
  readonly most: number;
}

interface Crate {
  readonly folder: string;
  readonly manifest: TomlFile;
  readonly versions: Versions | undefined;
  /** Where the version is written. */
  readonly place:
    | { readonly file: BuildFile; readonly start: number; readonly end: number; readonly text: string }
    | undefined;
}

export function* inspectRust(project: BuildProject): Generator<BuildReport> {
  const manifests = project.of("cargo").flatMap((file) => readToml(file) ?? []);
  const crates = manifests.flatMap((manifest) => crateOf(manifest, manifests, project) ?? []);
  const told = new Set<string>();
  for (const { place, versions } of crates) {
    if (!place || !versions || versions.most >= 23 || told.has(`${place.file.path} ${place.start}`)) continue;
    told.add(`${place.file.path} ${place.start}`);
    yield {
      rule: pyo3NotOptedIn,
      file: place.file,
      start: place.start,
      end: place.end,
      symbol: "pyo3",
      severity: "error",
      message: `PyO3 before 0.23 cannot be built for free-threaded CPython; \`${place.text}\` admits nothing newer.`,
    };
  }
  for (const file of project.of("rust")) {
    const crate = crates
      .filter(({ folder }) => file.path.startsWith(`${folder}/`))
      .sort((a, b) => b.folder.length - a.folder.length)[0];
    if (crate?.versions && crate.versions.least >= 23) yield* inspectModules(file, crate.versions);
  }
}

function crateOf(manifest: TomlFile, all: readonly TomlFile[], project: BuildProject): Crate | undefined {
  const place = versionPlace(manifest, ["dependencies", "pyo3"], all);
  if (place === undefined) return undefined;
  const folder = posix.dirname(manifest.file.path);
  const written = place && versionsOf(place.text);
  return { folder, manifest, place, versions: lockedVersions(folder, project) ?? written };
}

/** `null`-free: undefined when there is no such dependency; a place without text where the version is elsewhere. */
function versionPlace(manifest: TomlFile, path: string[], all: readonly TomlFile[]): Crate["place"] {
  const { toml, file } = manifest;
  const value = valueAt(toml.value, path);
  const at = typeof value === "string" ? path : [...path, "version"];
  const text = valueAt(toml.value, at);
  if (typeof text === "string") {
    const { start, end } = toml.rangeOfValue(at);
    return { file, start, end, text };
  }
  if (valueAt(value, ["workspace"]) !== true) return undefined;
  for (const other of all) {
    const found =
      other === manifest ? undefined : versionPlace(other, ["workspace", "dependencies", "pyo3"], []);
    if (found) return found;
  }
  return undefined;
}

/** What `Cargo.lock` pins, in the crate's folder or above it. */
function lockedVersions(folder: string, project: BuildProject): Versions | undefined {
  const lock = project
    .of("cargo-lock")
    .filter(({ path }) => `${folder}/`.startsWith(`${posix.dirname(path)}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  const match = lock && /name = "pyo3"\r?\nversion = "0\.(\d+)\./.exec(lock.text);
  return match ? { least: Number(match[1]), most: Number(match[1]) } : undefined;
}

/** What a requirement of Cargo admits; undefined where it is open to the top, or nothing of PyO3 0.x. */
function versionsOf(requirement: string): Versions | undefined {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const part of requirement.split(",")) {
    const match = /^\s*(\^|~|=|>=|>|<=|<)?\s*0\.(\d+)(?:\.(\d+|\*))?/.exec(part);
    if (!match) return undefined;
    const [, operator = "^", written, patch] = match;
    const minor = Number(written);
    if (operator === ">=" || operator === ">") least = Math.max(least, minor);
    else if (operator === "<=") most = Math.min(most, minor);
    else if (operator === "<") most = Math.min(most, patch && patch !== "0" ? minor : minor - 1);
    else [least, most] = [Math.max(least, minor), Math.min(most, minor)];
  }
  return most === Number.POSITIVE_INFINITY ? undefined : { least, most };
}

function* inspectModules(file: BuildFile, { least, most }: Versions): Generator<BuildReport> {
  const code = rustCode(file.text);
  // The call in the module's function says the same as the attribute.
  if (/\.gil_used\s*\(\s*false\s*\)/.test(code)) return;
  let within = 0;
  for (const match of code.matchAll(/#\s*\[\s*(?:pyo3\s*::\s*)?pymodule\s*(\(([^\]]*)\))?\s*\]/g)) {
    const { index } = match;
    if (index < within) continue;
    const rest = code.slice(index);
    const item = /\b(fn|mod)\s+(\w+)/.exec(rest);
    const open = item?.[1] === "mod" ? code.indexOf("{", index + item.index) : -1;
    // Modules inside a module are its submodules, which nobody imports by themselves.
    if (open >= 0) within = Math.max(within, closeOf(code, open));
    const name = item?.[2];
    if (!name || new RegExp(`wrap_pymodule!\\s*\\(\\s*([\\w:]*::)?${name}\\b`).test(code)) continue;
    const options = match[2] ?? "";
    if (/\bsubmodule\b/.test(options)) continue;
    const used = /\bgil_used\s*=\s*(true|false)/.exec(options)?.[1];
    const report = { rule: pyo3NotOptedIn, file, start: index, end: index + match[0].length, symbol: name };
    const edits = (newText: string) => [{ start: index, end: index + match[0].length, newText }];
    if (used === "true" && least >= 28) {
      yield {
        ...report,
        severity: "information",
        message: `\`gil_used = true\` makes importing \`${name}\` switch the GIL back on for the whole process. From PyO3 0.28 on modules keep it off without it.`,
      };
    } else if (used === undefined && most <= 27) {
      const others = options.trim() === "" ? "" : `${options.trim()}, `;
      yield {
        ...report,
        message: `With PyO3 0.23 to 0.27 the module \`${name}\` switches the GIL back on for the whole process unless it says \`#[pymodule(gil_used = false)]\`.`,
        repair: {
          title: "Declare that the module runs without the GIL, once its shared state is safe",
          edits: edits(`#[pymodule(${others}gil_used = false)]`),
        },
      };
    }
  }
}

/** Rust without comments and the contents of strings. */
function rustCode(text: string): string {
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\bb?r(#*)"[\s\S]*?"\1|"(?:\\[\s\S]|[^"\\])*"|'(?:\\.|[^'\\\n])'/g,
    (match) => match.replace(/[^\n]/g, " "),
  );
}
