/** The limited C API, asked for without regard to free-threaded builds. */
import limitedApi from "../../rules/builds/limited-api-on-free-threaded.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport, Replacement } from "../buildReport.ts";
import { type BuildProject, stringsAt, valueAt } from "../project.ts";

const reason = "free-threaded CPython 3.13 and 3.14 have no limited API, so the build fails there";
const condition = 'not sysconfig.get_config_var("Py_GIL_DISABLED")';
/** A script that looks at the build decides by itself. */
const looksAtBuild = /Py_GIL_DISABLED|abiflags|free_?thread|_is_gil_enabled/i;

export function* inspectLimitedApi(project: BuildProject): Generator<BuildReport> {
  const { setup, pyproject } = project;
  if (project.of("setup-script", "build-helper").some(({ text }) => looksAtBuild.test(text))) return;
  if (setup) {
    for (const { start, end, source, text } of setup.script.values("py_limited_api")) {
      const isTag = text !== undefined && /^cp3\d+$/.test(text);
      if (source !== "True" && !isTag) continue;
      const edits = isTag ? undefined : conditional(setup.file.text, start, end);
      yield {
        ...found(setup.file, start, end, isTag ? "py_limited_api" : "py_limited_api=True"),
        ...(edits && { repair: { title: "Ask for the limited API in builds with the GIL only", edits } }),
      };
    }
  }
  for (const { file, entries } of project.configs) {
    for (const { section, key, start, keyEnd, value } of entries) {
      if (section !== "bdist_wheel" || key !== "py_limited_api" || !/^cp3\d/.test(value)) continue;
      yield found(file, start, keyEnd, "py_limited_api");
    }
  }
  if (!pyproject) return;
  for (const key of ["py-limited-api", "py_limited_api"]) {
    const path = ["tool", "distutils", "bdist_wheel", key];
    for (const { start, end } of stringsAt(pyproject, path)) yield found(pyproject.file, start, end, key);
  }
  for (const one of extensionTables(project.value("tool", "setuptools", "ext-modules"))) {
    const path = ["tool", "setuptools", "ext-modules", one, "py-limited-api"];
    if (valueAt(pyproject.toml.value, path) !== true) continue;
    const { start, end } = pyproject.toml.rangeOfValue(path);
    yield found(pyproject.file, start, end, "py-limited-api");
  }
  if (project.value("tool", "meson-python", "limited-api") === true) {
    const { start, end } = pyproject.toml.rangeOfValue(["tool", "meson-python", "limited-api"]);
    yield found(pyproject.file, start, end, "limited-api");
  }
}

function extensionTables(value: unknown): number[] {
  return Array.isArray(value) ? value.map((_, i) => i) : [];
}

function found(file: BuildFile, start: number, end: number, symbol: string): BuildReport {
  return {
    rule: limitedApi,
    file,
    start,
    end,
    symbol,
    message: `\`${symbol}\` holds for every build, but ${reason}. Make it depend on \`${condition}\`.`,
  };
}

/** The condition in place of `True`, and the import it needs. */
function conditional(text: string, start: number, end: number): Replacement[] {
  const edits: Replacement[] = [{ start, end, newText: condition }];
  if (/^import sysconfig$/m.test(text)) return edits;
  const first = /^(?:import|from) (?!__future__)/m.exec(text);
  if (!first) return [];
  return [{ start: first.index, end: first.index, newText: "import sysconfig\n" }, ...edits];
}
