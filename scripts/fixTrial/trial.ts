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
  /** What the changed files are told of that they were not told of before: rule, symbol, function. */
  readonly added: readonly string[];
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

function tally(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  return counts;
}

/** Tries every fix that the finding offers, one at a time. */
export function tryFixes(workspace: Workspace, finding: Finding): FixTrial[] {
  const sources = { tree: (file: string) => workspace.tree(file) };
  return fixesFor(finding, sources).map((fix) => {
    const nothing = { finding, fix, texts: new Map(), isGone: false, added: [], isRepeatable: false };
    return fix.disabled === undefined ? tryFix(workspace, finding, fix) : nothing;
  });
}

function tryFix(workspace: Workspace, finding: Finding, fix: TextFix): FixTrial {
  const paths = [...new Set([finding.path, ...fix.edits.map((edit) => edit.path)])];
  const originals = new Map(paths.map((file) => [file, workspace.text(file)!]));
  const texts = new Map<string, string>();
  for (const [file, text] of originals) {
    const changed = applyEdits(
      text,
      fix.edits.filter((edit) => edit.path === file),
    );
    if (changed !== text) texts.set(file, changed);
  }
  const before = tally(paths.flatMap((file) => workspace.findings(file)));
  for (const [file, text] of texts) workspace.update(file, text);
  const found = paths.flatMap((file) => workspace.findings(file));
  const after = tally(found);
  const key = keyOf(finding);
  const left = found.filter((other) => keyOf(other) === key);
  const sources = { tree: (file: string) => workspace.tree(file) };
  const isRepeatable =
    (after.get(key) ?? 0) >= before.get(key)! &&
    left.some((other) => fixesFor(other, sources).some((again) => again.title === fix.title));
  for (const [file, text] of originals) workspace.update(file, text);
  return {
    finding,
    fix,
    texts,
    isGone: (after.get(key) ?? 0) < before.get(key)!,
    added: [...after].filter(([other, count]) => count > (before.get(other) ?? 0)).map(([other]) => other),
    isRepeatable,
  };
}
