/** Images, services and scripts that force the GIL off. */
import { isMap, parseDocument } from "yaml";
import gilForcedOff from "../../rules/builds/gil-forced-off.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport } from "../buildReport.ts";

const forced =
  /\bPYTHON_GIL\s*[=:]?\s*["']?0(?![\w.])["']?|-X["',\s]*gil\s*=\s*0(?!\w)|\bname:\s*["']?PYTHON_GIL["']?\s*\n\s*value:\s*["']?0(?![\w.])["']?/g;
const tests = /\b(pytest|tox|nox|unittest|ctest)\b|\btests?\b|_tests?\b|\btest_/i;
const integration =
  /\/\.github\/|\/\.gitlab-ci|\/\.circleci\/|azure-pipelines|\/\.travis|\/\.cirrus|\/\.?ci\//;

export function* inspectForcedGil(file: BuildFile): Generator<BuildReport> {
  const { text, kind, path } = file;
  if (!/gil/i.test(text)) return;
  const inTests =
    !integration.test(path) && /(^|[/_.-])tests?([/_.-]|$)/i.test(path.slice(path.lastIndexOf("/") + 1));
  for (const match of text.matchAll(forced)) {
    const start = match.index;
    const lineStart = text.lastIndexOf("\n", start) + 1;
    const line = text.slice(lineStart, (text.indexOf("\n", start) + 1 || text.length + 1) - 1);
    if (inTests || /^\s*(#|REM\b|::|echo\b)|^\s*-?\s*[\w"']+\s*\|\|?\s*echo/i.test(line)) continue;
    if (line.slice(0, start - lineStart).includes(" #")) continue;
    // Without the GIL by force is how one tries whether modules are safe.
    if (tests.test(surroundings(file, start, line))) continue;
    yield {
      rule: gilForcedOff,
      file,
      start,
      end: start + match[0].length,
      symbol: match[0].startsWith("-X") ? "-X gil=0" : "PYTHON_GIL",
      message: `The GIL is forced off ${kind === "docker" ? "in this image" : "here"}: modules that have not declared that they run without it are loaded and race, where CPython would switch the GIL on for them. Leave it to the modules, and find those in the way with \`threadproof imports\`.`,
    };
  }
}

/** What decides whether something is there for tests: the job, the build stage, the whole script. */
function surroundings({ kind, text, path }: BuildFile, offset: number, line: string): string {
  if (kind === "script") return text;
  if (kind === "docker") {
    const stage =
      text
        .slice(0, offset)
        .match(/^FROM\s[^\n]*/gim)
        ?.at(-1) ?? "";
    return `${stage}\n${line}`;
  }
  return integration.test(path) ? jobAround(text, offset) : line;
}

function jobAround(text: string, offset: number): string {
  const jobs = parseDocument(text).get("jobs");
  const items = isMap(jobs) ? jobs.items : [];
  for (const { key, value } of items) {
    const range = isMap(value) ? value.range : undefined;
    if (range && range[0] <= offset && offset < range[2]) return `${key}\n${text.slice(range[0], range[2])}`;
  }
  return text;
}
