/** Inspects one project's build files and native sources by all rules about builds. */
import type { PythonParser } from "../syntax/parser.ts";
import type { BuildFile } from "./buildFile.ts";
import { type BuildFinding, type BuildReport, toFinding } from "./buildReport.ts";
import { inspectClassifiers } from "./metadata/classifiers.ts";
import { inspectCython, inspectMesonCython } from "./metadata/cythonDirective.ts";
import { inspectCythonVersion } from "./metadata/cythonVersion.ts";
import { inspectLimitedApi } from "./metadata/limitedApi.ts";
import { inspectBindingMacros } from "./native/bindingMacros.ts";
import { inspectModuleDefinitions } from "./native/moduleDefinitions.ts";
import { NativeSource } from "./native/nativeSource.ts";
import { inspectRust } from "./native/rustModules.ts";
import { inspectSharedObjects } from "./native/sharedObjects.ts";
import { BuildProject } from "./project.ts";
import { inspectForcedGil } from "./scripts/forcedGil.ts";
import { inspectF2py, inspectNanobind, inspectWindowsCompilers } from "./scripts/nativeBuilds.ts";
import { inspectTestWarnings } from "./scripts/testWarnings.ts";
import { inspectWheelBuilds } from "./scripts/wheelBuilds.ts";
import { withoutSilenced } from "./silence.ts";

/**
 * All findings of a project, ordered by path and position; comments silence as they do in Python.
 * @param root the project's top, absolute with forward slashes
 * @param files all files of the project that have a say in its builds, see `buildFile.ts`
 */
export function inspectProject(
  root: string,
  files: readonly BuildFile[],
  parser: PythonParser,
): BuildFinding[] {
  const project = new BuildProject(root, files, parser);
  const found = withoutSilenced([...inspectAll(project)]).map(toFinding);
  return found.sort((a, b) => (a.path === b.path ? a.range.start - b.range.start : a.path < b.path ? -1 : 1));
}

function* inspectAll(project: BuildProject): Generator<BuildReport> {
  const { buildsExtensions, meansFreeThreading } = project;
  yield* inspectClassifiers(project);
  for (const file of project.of("docker", "yaml", "script")) yield* inspectForcedGil(file);
  if (buildsExtensions || meansFreeThreading) yield* inspectTestWarnings(project);
  if (!buildsExtensions) return;
  yield* inspectLimitedApi(project);
  yield* inspectWheelBuilds(project);
  const tooOld = [...inspectCythonVersion(project)];
  yield* tooOld;
  // Cython before 3.1 does not know the directive.
  if (tooOld.length === 0) {
    yield* inspectCython(project);
    yield* inspectMesonCython(project);
  }
  yield* inspectRust(project);
  for (const file of project.of("cmake")) yield* inspectNanobind(file);
  for (const file of project.of("cmake", "meson", "script", "yaml")) yield* inspectF2py(file);
  for (const file of project.of("script", "yaml")) yield* inspectWindowsCompilers(file);
  // Headers of the project may define for older versions what they lack.
  const knowsSlot = project.of("header").some(({ text }) => /#\s*define\s+Py_mod_gil\b/.test(text));
  for (const file of project.of("native")) {
    const source = NativeSource.read(file);
    if (!source) continue;
    yield* inspectModuleDefinitions(source, knowsSlot ? false : project.supportsOlder);
    yield* inspectBindingMacros(source);
    yield* inspectSharedObjects(source);
  }
}
