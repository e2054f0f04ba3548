// What a fix changes in the texts, as far as running tests and reading the result need to know.
import { createTwoFilesPatch } from "diff";
import type { TextEdit } from "../../server/src/fixes/fix.ts";
import type { FixTrial } from "./trial.ts";
import type { Change } from "./verdicts.ts";

/** The changes of these fixes; fixes that come to the same texts share one. */
export function changesOf(trials: readonly FixTrial[]): Map<FixTrial, Change> {
  const known = new Map<string, Change>();
  const changes = new Map<FixTrial, Change>();
  for (const trial of trials) {
    const key = JSON.stringify([trial.finding.function, ...trial.texts]);
    const change = known.get(key) ?? {
      texts: trial.texts,
      lines: new Map([...trial.texts].map(([file, text]) => [file, changedLines(file, text, trial)])),
      function: trial.finding.function,
    };
    known.set(key, change);
    changes.set(trial, change);
  }
  return changes;
}

/** Numbers of the lines of the new text that an edit has written, from 1. */
function changedLines(file: string, text: string, { fix }: FixTrial): Set<number> {
  const lines = new Set<number>();
  let shift = 0;
  for (const edit of ownEdits(fix.edits, file)) {
    const start = edit.start + shift;
    const first = text.slice(0, start).split("\n").length;
    const more = edit.newText.replace(/\n$/, "").split("\n").length - 1;
    const isWholeLines = edit.newText.startsWith("\n");
    for (let line = first + (isWholeLines ? 1 : 0); line <= first + more; line += 1) lines.add(line);
    shift += edit.newText.length - (edit.end - edit.start);
  }
  return lines;
}

function ownEdits(edits: readonly TextEdit[], file: string): TextEdit[] {
  return edits.filter((edit) => edit.path === file).sort((a, b) => a.start - b.start);
}

/** A unified diff of all files. */
export function patchOf({ texts }: FixTrial, original: (file: string) => string): string {
  return [...texts].map(([file, text]) => createTwoFilesPatch(file, file, original(file), text)).join("");
}
