/** The classifiers by which a project says what it promises about free threading. */
import { nearest } from "../../findings/nearest.ts";
import missing from "../../rules/builds/missing-free-threading-classifier.ts";
import wrong from "../../rules/builds/wrong-free-threading-classifier.ts";
import type { BuildReport } from "../buildReport.ts";
import type { BuildProject, PlacedText } from "../project.ts";

const top = "Programming Language :: Python :: Free Threading";

/** All that the package index knows. */
export const freeThreadingClassifiers: readonly string[] = [
  top,
  `${top} :: 1 - Unstable`,
  `${top} :: 2 - Beta`,
  `${top} :: 3 - Stable`,
  `${top} :: 4 - Resilient`,
];

const meant = /^Programming Language\s*::\s*Python\s*::\s*(Free|No[- _]?GIL)|free[-_ ]*thread/i;

export function* inspectClassifiers(project: BuildProject): Generator<BuildReport> {
  const { classifiers } = project;
  const about = classifiers.filter(({ text }) => meant.test(text));
  for (const one of about) if (!freeThreadingClassifiers.includes(one.text)) yield misspelled(one);
  if (about.length > 0 || !project.buildsExtensions) return;
  // A list that never names Python says little altogether, and private projects are not published.
  const last = classifiers.findLast(({ text }) => text.startsWith("Programming Language :: Python"));
  if (!last || classifiers.some(({ text }) => text.startsWith("Private ::"))) return;
  yield withoutOne(last);
}

function misspelled({ file, text, start, end }: PlacedText): BuildReport {
  const level = /([1-4])\s*-|::\s*(unstable|beta|stable|resilient)\s*$/i.exec(text);
  const byLevel = freeThreadingClassifiers.find(
    (one) =>
      level && one.toLowerCase().includes(level[1] ? `:: ${level[1]} -` : `- ${level[2]!.toLowerCase()}`),
  );
  const right = byLevel ?? (level ? undefined : nearest(text, freeThreadingClassifiers)) ?? top;
  return {
    rule: wrong,
    file,
    start,
    end,
    symbol: text,
    message: `The package index knows no classifier \`${text}\` and refuses the upload; did you mean \`${right}\`?`,
    repair: { title: `Change to \`${right}\``, edits: [{ start, end, newText: right }] },
  };
}

function withoutOne({ file, text, start, end }: PlacedText): BuildReport {
  const lineStart = file.text.lastIndexOf("\n", start - 1) + 1;
  const before = file.text.slice(lineStart, start);
  const quote = /["']$/.exec(before)?.[0] ?? "";
  const added = `${quote}${top} :: 1 - Unstable${quote}`;
  // In a list of one line the next entry follows on it.
  const isOwnLine = before.slice(0, before.length - quote.length).trim() === "";
  const separator = quote ? "," : "";
  const newText = isOwnLine
    ? `${separator}\n${before.slice(0, before.length - quote.length)}${added}`
    : `${separator} ${added}`;
  const at = end + quote.length;
  return {
    rule: missing,
    file,
    start,
    end,
    symbol: text,
    message: `The classifiers do not say how far this project supports free threading, so users cannot tell its extension modules from unported ones. \`${top}\` with a level from \`1 - Unstable\` to \`4 - Resilient\` does.`,
    repair: {
      title: "Add a classifier: free threading is unstable",
      edits: [{ start: at, end: at, newText }],
    },
  };
}
