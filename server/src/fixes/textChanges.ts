// The lines in which two versions of a text differ, as edits that leave all others alone.
import { diffLines } from "diff";
import type { TextEdit } from "./fix.ts";

export function changesBetween(path: string, before: string, after: string): TextEdit[] {
  const edits: TextEdit[] = [];
  let at = 0;
  for (const { value, added, removed } of diffLines(before, after)) {
    const last = edits.at(-1);
    if (added) {
      // What was taken out just before comes back in another form.
      if (last !== undefined && last.end === at) edits[edits.length - 1] = { ...last, newText: value };
      else edits.push({ path, start: at, end: at, newText: value });
    } else {
      if (removed) edits.push({ path, start: at, end: at + value.length, newText: "" });
      at += value.length;
    }
  }
  return edits;
}
