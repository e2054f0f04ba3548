// Reads rule fixtures: Python files whose cases carry the expected findings as marks under the lines.
//
//   # ### title of the case            starts a case; `[library]`, `[3.14]` behind the title set the options,
//                                      `FN_…` names a known miss, `FP_…` a known false alarm
//   # --- package/module.py            starts another file of the same case
//   total += 1
//   # ^^^^^^^ global-read-modify-write: proven
//
// A mark covers the columns of its carets; a mark at the very start of a line is written `# <---`.
import { existsSync, readFileSync } from "node:fs";
import type { AnalysisOptions, TargetVersion } from "../src/findings/options.ts";

export interface Mark {
  readonly path: string;
  /** Zero-based line of the code the mark stands under. */
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly evidence: string;
}

export interface RuleCase {
  readonly title: string;
  readonly options: AnalysisOptions;
  /** Text by path; marks are left in, as comments they change nothing. */
  readonly files: ReadonlyMap<string, string>;
  readonly marks: readonly Mark[];
}

const titleLine = /^# ### (.*)$/;
const fileLine = /^# --- (\S+\.py)$/;
const markLine = /^(\s*)#( *)(\^+|<-+) ([a-z0-9-]+)(?:: (proven|likely|exposed))?\s*$/;

/** Cases of a fixture file; none where there is no file. */
export function readCases(path: string): RuleCase[] {
  return existsSync(path) ? casesIn(readFileSync(path, "utf8")) : [];
}

/** Cases of a fixture text. */
export function casesIn(fixture: string): RuleCase[] {
  const cases: RuleCase[] = [];
  let title = "";
  let files = new Map<string, string[]>();
  let current: string[] = [];
  const finish = () => {
    if (title !== "") cases.push(buildCase(title, files));
  };
  for (const line of fixture.split("\n")) {
    const started = titleLine.exec(line);
    const file = fileLine.exec(line);
    if (started) {
      finish();
      title = started[1]!;
      current = [];
      files = new Map([["/case/main.py", current]]);
    } else if (file && title !== "") {
      current = [];
      files.set(`/case/${file[1]!}`, current);
    } else current.push(line);
  }
  finish();
  return cases;
}

function buildCase(title: string, files: ReadonlyMap<string, readonly string[]>): RuleCase {
  const target = /\[(3\.1[345])\]/.exec(title)?.[1] as TargetVersion | undefined;
  const marks: Mark[] = [];
  const texts = new Map<string, string>();
  for (const [path, lines] of files) {
    texts.set(path, lines.join("\n"));
    lines.forEach((line, index) => {
      const mark = markLine.exec(line);
      if (!mark) return;
      let below = index - 1;
      while (markLine.test(lines[below] ?? "")) below -= 1;
      const column = mark[3]!.startsWith("<") ? mark[1]!.length : mark[1]!.length + 1 + mark[2]!.length;
      marks.push({ path, line: below, column, rule: mark[4]!, evidence: mark[5] ?? "" });
    });
  }
  return {
    title,
    options: {
      concurrency: title.includes("[library]") ? "library" : "auto",
      target: target ?? "3.13",
      preview: true,
    },
    files: texts,
    marks,
  };
}
