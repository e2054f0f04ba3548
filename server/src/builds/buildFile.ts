/** The files that decide what becomes of a project's own extension modules, told apart by their names. */
import { basename } from "node:path";

export type BuildFileKind =
  | "pyproject"
  | "setup-script"
  /** Python that a build runs beside `setup.py`; only what it mentions counts. */
  | "build-helper"
  | "ini"
  | "cython"
  | "cmake"
  | "meson"
  | "cargo"
  | "cargo-lock"
  | "native"
  | "header"
  | "rust"
  | "yaml"
  | "docker"
  | "script";

export interface BuildFile {
  /** Absolute, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly kind: BuildFileKind;
}

const byName: Readonly<Record<string, BuildFileKind>> = {
  "pyproject.toml": "pyproject",
  "setup.py": "setup-script",
  "setup.cfg": "ini",
  "pytest.ini": "ini",
  ".pytest.ini": "ini",
  "tox.ini": "ini",
  "CMakeLists.txt": "cmake",
  "meson.build": "meson",
  "Cargo.toml": "cargo",
  "Cargo.lock": "cargo-lock",
  Makefile: "script",
  GNUmakefile: "script",
  makefile: "script",
  Procfile: "script",
  Dockerfile: "docker",
  Containerfile: "docker",
};

const byEnding: readonly (readonly [RegExp, BuildFileKind])[] = [
  [/\.pyx$/, "cython"],
  [/^_?(setup|build|cython)\w*\.py$|_(setup|build)\.py$/i, "build-helper"],
  [/\.(c|cc|cpp|cxx|c\+\+)$/i, "native"],
  [/\.(h|hh|hpp|hxx|inc)$/i, "header"],
  [/\.rs$/, "rust"],
  [/\.cmake$/, "cmake"],
  [/\.(yml|yaml)$/, "yaml"],
  [/^Dockerfile\.|\.[Dd]ockerfile$/, "docker"],
  [/\.(sh|bash|bat|cmd|ps1|mk|mak|service)$/, "script"],
];

/** What a file is to a build; undefined for files that have no say in it. */
export function kindOf(path: string): BuildFileKind | undefined {
  const name = basename(path);
  return byName[name] ?? byEnding.find(([pattern]) => pattern.test(name))?.[1];
}

/** Files whose presence makes a folder the top of a project. */
export const projectMarks: readonly string[] = ["pyproject.toml", "setup.py", "setup.cfg"];

/** Files that do so where a project has none of these. */
export const otherMarks: readonly string[] = ["Cargo.toml", "meson.build", "CMakeLists.txt"];

/** Sources of extension modules, of which a project may have many; the others are few and small. */
export function isSource(kind: BuildFileKind): boolean {
  return kind === "cython" || kind === "native" || kind === "header" || kind === "rust";
}
