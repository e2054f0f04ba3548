/** Which versions of Cython a build admits. */
import { satisfies } from "@renovatebot/pep440";
import cythonTooOld from "../../rules/builds/cython-too-old.ts";
import type { BuildReport } from "../buildReport.ts";
import type { BuildProject } from "../project.ts";

/** Versions from 3.1 on, far enough to meet any range that reaches beyond it. */
const newer = [1, 2, 3, 4, 5]
  .flatMap((minor) => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((micro) => `3.${minor}.${micro}`))
  .concat("4.0.0");

export function* inspectCythonVersion(project: BuildProject): Generator<BuildReport> {
  for (const { file, text, start } of project.buildRequirements) {
    const match = /^\s*(cython)\s*((?:[<>=!~][^;#]*)?)$/i.exec(text);
    const versions = match?.[2]?.trim();
    // Requirements with a marker are for some Pythons only.
    if (!match || !versions || !isTooOld(versions)) continue;
    const from = start + match.index + match[0].indexOf(match[1]!);
    yield {
      rule: cythonTooOld,
      file,
      start: from,
      end: start + match[0].trimEnd().length,
      symbol: "cython",
      message: `\`${text.trim()}\` admits no version of Cython from 3.1 on, and older ones cannot build for free-threaded CPython.`,
    };
  }
}

function isTooOld(versions: string): boolean {
  if (/==\s*3\.([1-9]\d*)/.test(versions)) return false;
  try {
    return !newer.some((version) => satisfies(version, versions));
  } catch {
    return false;
  }
}
