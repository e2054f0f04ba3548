/** Which wheels cibuildwheel is told to build. */
import { isMap, isScalar, parseDocument, visit } from "yaml";
import cibuildwheel from "../../rules/builds/cibuildwheel-without-free-threaded.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport } from "../buildReport.ts";
import { type BuildProject, type PlacedText, stringsAt } from "../project.ts";

const platforms = ["manylinux_x86_64", "manylinux_aarch64", "macosx_arm64", "win_amd64"];
/** Versions that have a free-threaded build worth a wheel. */
const minors = [13, 14, 15];

export function* inspectWheelBuilds(project: BuildProject): Generator<BuildReport> {
  const { pyproject } = project;
  const builds = pyproject ? selectors(stringsAt(pyproject, ["tool", "cibuildwheel", "build"])) : [];
  const skips = pyproject ? selectors(stringsAt(pyproject, ["tool", "cibuildwheel", "skip"])) : [];
  const workflows = project.of("yaml").filter(({ text }) => /\bCIBW_/.test(text));
  for (const file of workflows) {
    builds.push(...selectors(environmentValues(file, "CIBW_BUILD")));
    skips.push(...selectors(environmentValues(file, "CIBW_SKIP")));
  }
  // What a matrix puts together cannot be read here.
  if (
    builds.length === 0 ||
    [...builds, ...skips].some(({ text }) => /[$`{]/.test(text.replace(/\{[^{}$]*\}/g, "")))
  )
    return;
  if (workflows.some(({ text }) => /CIBW_BUILD\s*=/.test(text))) return;
  const patterns = builds.map(({ text }) => text);
  const freeThreaded = minors.flatMap((minor) => platforms.map((platform) => `cp3${minor}t-${platform}`));
  if (freeThreaded.some((wheel) => matches(wheel, patterns))) return;
  const behind = builds.find(({ text }) =>
    minors.some((minor) => platforms.some((platform) => matches(`cp3${minor}-${platform}`, [text]))),
  );
  if (!behind) return;
  const { file, text, start, end } = behind;
  const added = text.replace(/^cp3(\d+)/, "cp3$1t");
  const quoted = /["']/.test(file.text[end] ?? "") ? file.text[end]! : "";
  const isListed =
    /^\s*["']\s*[,\]]/.test(file.text.slice(end)) && /[[,]\s*["']$/.test(file.text.slice(0, start));
  const newText = isListed ? `${quoted}, ${quoted}${added}` : ` ${added}`;
  yield {
    rule: cibuildwheel,
    file,
    start,
    end,
    symbol: text,
    message: `Wheels are built for \`${text}\` and for no free-threaded build, so users of one have to compile this package. \`${added}\` builds them too; for 3.13t cibuildwheel also needs \`enable = ["cpython-freethreading"]\`.`,
    ...(added !== text && {
      repair: { title: `Build \`${added}\` too`, edits: [{ start: end, end, newText }] },
    }),
  };
}

/** The patterns in values, which are separated by white space. */
function selectors(values: readonly PlacedText[]): PlacedText[] {
  return values.flatMap(({ file, text, start, end }) => {
    const source = file.text.slice(start, end);
    if (source !== text && !source.includes(text)) return [];
    return [...source.matchAll(/[^\s"']+/g)].map(({ 0: one, index }) => ({
      file,
      text: one,
      start: start + index,
      end: start + index + one.length,
    }));
  });
}

/** cibuildwheel's patterns: shell wildcards, and alternatives in braces. */
function matches(wheel: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .replace(/[.+^$()|\\]/g, "\\$&")
      .replace(/\[!/g, "[^")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")
      .replace(/\{([^{}]*)\}/g, (_, list: string) => `(?:${list.replaceAll(",", "|")})`);
    try {
      return new RegExp(`^${source}$`).test(wheel);
    } catch {
      return false;
    }
  });
}

/** The values of a variable in a workflow's `env`, wherever it stands. */
function environmentValues(file: BuildFile, name: string): PlacedText[] {
  const found: PlacedText[] = [];
  visit(parseDocument(file.text), {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== "env" || !isMap(value)) return;
      for (const pair of value.items) {
        const { key: inner, value: text } = pair;
        if (!isScalar(inner) || !String(inner.value).startsWith(name) || !isScalar(text)) continue;
        if (typeof text.value !== "string" || !text.range || String(inner.value) !== name) continue;
        const [start, end] = text.range;
        const quotes = /^["']/.test(file.text.slice(start)) ? 1 : 0;
        found.push({ file, text: text.value, start: start + quotes, end: end - quotes });
      }
    },
  });
  return found;
}
