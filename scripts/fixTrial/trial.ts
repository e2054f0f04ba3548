// Applies one fix to a loaded program, asks the engine about the result, and puts everything back.
import type { Workspace } from "../../server/src/analysis/workspace.ts";
import type { Finding } from "../../server/src/findings/finding.ts";
import { applyEdits, type TextFix } from "../../server/src/fixes/fix.ts";
import { fixesFor } from "../../server/src/fixes/fixesFor.ts";

export interface FixTrial {
  readonly finding: Finding;
  readonly fix: TextFix;
  /** New texts by path; empty for fixes that are refused. */
  readonly texts: ReadonlyMap<string, string>;
  readonly isGone: boolean;
  /** Findings about the same data in places where there was none before: rule, symbol, function. */
  readonly addedSame: readonly string[];
  /** Findings about other data that come of what runs under the lock now. */
  readonly addedOther: readonly string[];
  /** Faults of other data that were there before, and are told now that a lock shows that threads are meant. */
  readonly revealed: readonly string[];
  /** Whether the same fix is still offered for what is left of the finding. */
  readonly isRepeatable: boolean;
}

/** Which of its kind a fix is, for the table. */
export function kindOf({ title, disabled }: TextFix): string {
  const words = title.startsWith("Guard every")
    ? "guard every access"
    : /^Guard\b/.test(title)
      ? "guard this one"
      : "other rewrites";
  return disabled === undefined ? words : `${words}, refused`;
}

const keyOf = ({ rule, symbol, function: fn }: Finding) => `${rule} ${symbol} ${fn}`;

function tally(findings: readonly Finding[], key: (finding: Finding) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(key(finding), (counts.get(key(finding)) ?? 0) + 1);
  return counts;
}

/** Tries every fix that the finding offers, one at a time. */
export function tryFixes(workspace: Workspace, finding: Finding): FixTrial[] {
  const sources = { tree: (file: string) => workspace.tree(file) };
  return fixesFor(finding, sources).map((fix) => {
    const nothing = { addedSame: [], addedOther: [], revealed: [], isGone: false, isRepeatable: false };
    if (fix.disabled !== undefined) return { finding, fix, texts: new Map(), ...nothing };
    return tryFix(workspace, finding, fix);
  });
}

function tryFix(workspace: Workspace, finding: Finding, fix: TextFix): FixTrial {
  const paths = [...new Set([finding.path, ...fix.edits.map((edit) => edit.path)])];
  const originals = new Map(paths.map((file) => [file, workspace.text(file)!]));
  const texts = new Map<string, string>();
  for (const [file, text] of originals) {
    const edits = fix.edits.filter((edit) => edit.path === file);
    const changed = applyEdits(text, edits);
    if (changed !== text) texts.set(file, changed);
  }
  const findingsOf = (changed: ReadonlyMap<string, string>) => {
    for (const [file, text] of changed) workspace.update(file, text);
    return paths.flatMap((file) => workspace.findings(file));
  };
  const before = findingsOf(new Map());
  const intended = findingsOf(new Map([...texts].map(([file, text]) => [file, withoutEffect(text, fix)])));
  const after = findingsOf(texts);
  const sources = { tree: (file: string) => workspace.tree(file) };
  const isLeft = tally(after, keyOf).get(keyOf(finding)) ?? 0;
  const isGone = isLeft < tally(before, keyOf).get(keyOf(finding))!;
  const isRepeatable =
    !isGone &&
    after.some(
      (other) =>
        keyOf(other) === keyOf(finding) && fixesFor(other, sources).some(({ title }) => title === fix.title),
    );
  findingsOf(originals);
  const isSame = ({ symbol }: Finding) => symbol === finding.symbol;
  const others = after.filter((other) => !isSame(other));
  const surprising = more(others, [before, intended]);
  return {
    finding,
    fix,
    texts,
    isGone,
    isRepeatable,
    addedSame: more(after.filter(isSame), [before], placeOf),
    addedOther: surprising,
    revealed: more(others, [before]).filter((key) => !surprising.includes(key)),
  };
}

const placeOf = ({ symbol, function: fn }: Finding) => `${symbol} ${fn}`;

/** Findings of which there are more than in each of the other lists. */
function more(
  after: readonly Finding[],
  lists: readonly (readonly Finding[])[],
  key: (finding: Finding) => string = keyOf,
): string[] {
  const known = lists.map((list) => tally(list, key));
  return [...tally(after, key)]
    .filter(([name, count]) => known.every((counts) => count > (counts.get(name) ?? 0)))
    .map(([name]) => keyOf(after.find((finding) => key(finding) === name)!));
}

/** The same text with the lock made and taken, but around nothing: what its mere presence says of the author's intent. */
function withoutEffect(text: string, { title }: TextFix): string {
  const lock = /`([^`]*)` \(/.exec(title)?.[1]?.split(".").at(-1);
  if (lock === undefined || !/^\w+$/.test(lock)) return text;
  return text.replace(
    new RegExp(`^([ \\t]*)with ([\\w.]*\\b${lock}):(\\r?)$`, "gm"),
    (_, indent: string, name: string, cr: string) =>
      `${indent}with ${name}: pass${cr}\n${indent}if True:${cr}`,
  );
}
