/** `threadproof: ignore[…]` in the comments of build files: `#`, `//` and `/*` alike, for its line or the one below. */
import type { Comment } from "../facts/facts.ts";
import { readDirectives } from "../suppressions/directives.ts";
import { Silence } from "../suppressions/silence.ts";
import type { BuildFile } from "./buildFile.ts";
import { type BuildReport, toFinding } from "./buildReport.ts";

export function withoutSilenced(reports: readonly BuildReport[]): BuildReport[] {
  const silences = new Map<BuildFile, Silence | undefined>();
  return reports.filter((report) => {
    const { file } = report;
    if (!silences.has(file)) silences.set(file, silenceOf(file));
    return !silences.get(file)?.covers(toFinding(report));
  });
}

function silenceOf({ text }: BuildFile): Silence | undefined {
  if (!text.includes("threadproof")) return undefined;
  const comments = [...text.matchAll(/^([^\n]*?)(#|\/\/|\/\*)([^\n]*threadproof[^\n]*)/gm)].map((match) => {
    const [whole, before, mark, rest] = match;
    const lineEnd = match.index + whole.length;
    const ownLine = before!.trim() === "";
    const next = text.indexOf("\n", lineEnd + 1);
    const comment: Comment = {
      start: match.index + before!.length,
      text: `${" ".repeat(mark!.length - 1)}#${rest}`,
      ownLine,
      from: ownLine ? lineEnd + 1 : match.index,
      to: ownLine ? (next < 0 ? text.length : next) : lineEnd,
    };
    return comment;
  });
  return new Silence(readDirectives(comments), []);
}
