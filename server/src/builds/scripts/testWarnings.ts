/** Test configurations that turn warnings into errors. */
import warningsHideGil from "../../rules/builds/warnings-as-errors-hide-gil.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport, Replacement } from "../buildReport.ts";
import { type BuildProject, type PlacedText, stringsAt } from "../project.ts";
import { linesOf } from "./iniText.ts";

const exception = "default:The global interpreter lock:RuntimeWarning";
/** Filters that make errors of the warning that the GIL has been switched on. */
const makesError = /^error(:\s*(:\s*(builtins\.)?(Runtime)?Warning)?(:\s*)*)?$/;
const sparesGil = /global interpreter lock|^(default|ignore|always|once|module):\s*:\s*RuntimeWarning\s*:?/i;
const option = /(?:^|\s)-W\s*["']?error(?:::RuntimeWarning)?(?=["'\s\\]|$)/;

export function* inspectTestWarnings(project: BuildProject): Generator<BuildReport> {
  const { pyproject } = project;
  for (const table of [
    ["tool", "pytest", "ini_options"],
    ["tool", "pytest"],
  ]) {
    if (!pyproject) break;
    const filters = stringsAt(pyproject, [...table, "filterwarnings"]);
    yield* inFilters(filters, (last) => afterElement(last));
    for (const one of stringsAt(pyproject, [...table, "addopts"])) yield* inOptions(one, filters);
  }
  for (const { file, entries } of project.configs) {
    const own = entries.filter(({ section }) => section === "pytest" || section === "tool:pytest");
    const placed = (key: string): PlacedText[] =>
      own
        .filter((entry) => entry.key === key)
        .flatMap(linesOf)
        .map(({ text, start }) => ({ file, text, start, end: start + text.length }));
    const filters = placed("filterwarnings");
    yield* inFilters(filters, afterLine);
    for (const one of placed("addopts")) yield* inOptions(one, filters);
  }
  for (const file of project.of("yaml", "script", "ini")) yield* inCommands(file);
}

function* inFilters(
  filters: readonly PlacedText[],
  after: (last: PlacedText) => Replacement | undefined,
): Generator<BuildReport> {
  const one = filters.find(({ text }) => makesError.test(text.trim()));
  if (!one || filters.some(({ text }) => sparesGil.test(text.trim()))) return;
  const edit = after(filters.at(-1)!);
  yield {
    ...report(one.file, one.start, one.end),
    ...(edit && { repair: { title: "Leave the warning about the GIL a warning", edits: [edit] } }),
  };
}

function* inOptions(
  { file, text, start }: PlacedText,
  filters: readonly PlacedText[],
): Generator<BuildReport> {
  const match = option.exec(text);
  if (!match || /global interpreter lock/i.test(text)) return;
  if (filters.some((one) => sparesGil.test(one.text.trim()))) return;
  const from = start + match.index + match[0].indexOf("-W");
  if (file.text.startsWith("-W", from)) yield report(file, from, start + match.index + match[0].length);
}

function* inCommands(file: BuildFile): Generator<BuildReport> {
  for (const match of file.text.matchAll(/^(?!\s*(?:#|REM\b))[^\n]*\bpytest\b([^\n]*)$/gm)) {
    const found = option.exec(match[1]!);
    if (!found || /global interpreter lock/i.test(match[1]!)) continue;
    const from = match.index + match[0].length - match[1]!.length + found.index;
    yield report(file, from + found[0].indexOf("-W"), from + found[0].length);
  }
}

function report(file: BuildFile, start: number, end: number): BuildReport {
  return {
    rule: warningsHideGil,
    file,
    start,
    end,
    symbol: "filterwarnings",
    message: `A module that switches the GIL on is then an import error, though the GIL stays on: the tests after it run with the GIL and prove nothing. Add \`${exception}\` and look at \`sys._is_gil_enabled()\` when the tests are done.`,
  };
}

/** A further string behind the last one of a TOML array; none where a single string stands. */
function afterElement({ file, start, end }: PlacedText): Replacement | undefined {
  const quote = file.text[end]!;
  const lineStart = file.text.lastIndexOf("\n", start) + 1;
  const before = file.text.slice(lineStart, start - 1);
  if (!/^\s*[,\]\n#]/.test(file.text.slice(end + 1)) || !/[[,]\s*$|^\s*$/.test(before)) return undefined;
  const separator = before.trim() === "" ? `,\n${before}` : ", ";
  return { start: end + 1, end: end + 1, newText: `${separator}${quote}${exception}${quote}` };
}

function afterLine({ file, start, end }: PlacedText): Replacement {
  const before = file.text.slice(file.text.lastIndexOf("\n", start) + 1, start);
  return { start: end, end, newText: `\n${before.trim() === "" ? before : "    "}${exception}` };
}
