// "Iterate over a snapshot": the loop runs over a copy that CPython makes in one step.
import type { Finding, GuardSite } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "./fix.ts";

const repaired = new Set(["iterate-shared-container", "unsafe-snapshot"]);

export function iterateSnapshot(finding: Finding, tree: CompactTree): TextFix | undefined {
  const snapshot = finding.guard?.snapshot;
  if (snapshot === undefined || !repaired.has(finding.rule)) return undefined;
  const { path, range } = finding;
  const [before, after] = around(snapshot);
  const copy = `${before}${tree.text.slice(range.start, range.end)}${after}`;
  return {
    title: `Iterate over a snapshot: \`${copy.replace(/\s+/g, " ")}\` (copies it each time)`,
    edits: edits(path, range.start, range.end, snapshot),
    isPreferred: true,
  };
}

/** The same for one of several places; nothing where the copy is made already. */
export function snapshotEdits({ path, access, snapshot }: GuardSite, text: string): TextEdit[] {
  const isCopied = /\blist\(\s*$/.test(text.slice(Math.max(0, access.start - 20), access.start));
  return snapshot === undefined || isCopied ? [] : edits(path, access.start, access.end, snapshot);
}

function edits(path: string, start: number, end: number, snapshot: "itself" | "keys"): TextEdit[] {
  const [before, after] = around(snapshot);
  return [
    { path, start, end: start, newText: before },
    { path, start: end, end, newText: after },
  ];
}

function around(snapshot: "itself" | "keys"): [string, string] {
  return ["list(", snapshot === "keys" ? ".keys())" : ")"];
}
