// "Iterate over a snapshot": the loop runs over a copy that CPython makes in one step.
import type { Finding } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { TextFix } from "./fix.ts";

const repaired = new Set(["iterate-shared-container", "unsafe-snapshot"]);

export function iterateSnapshot(finding: Finding, tree: CompactTree): TextFix | undefined {
  const snapshot = finding.guard?.snapshot;
  if (snapshot === undefined || !repaired.has(finding.rule)) return undefined;
  const { start, end } = finding.range;
  const iterated = tree.text.slice(start, end);
  const copy = `list(${iterated}${snapshot === "keys" ? ".keys()" : ""})`;
  return {
    title: `Iterate over a snapshot: \`${copy.replace(/\s+/g, " ")}\` (copies it each time)`,
    edits: [{ path: finding.path, start, end, newText: copy }],
    isPreferred: true,
  };
}
