// The fixes of a finding that need no lock, or need the one that is there in another way.
import type { Finding } from "../../findings/finding.ts";
import type { TargetVersion } from "../../findings/options.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextFix } from "../fix.ts";
import { Place } from "./place.ts";
import { rewrites } from "./table.ts";
import { withTidyImports } from "./text/tidyImports.ts";

/** @param tree of the text that the finding was made from; nothing is offered in text with syntax errors */
export function rewritesFor(finding: Finding, tree: CompactTree, target: TargetVersion): TextFix[] {
  const offered = rewrites[finding.rule] ?? [];
  if (offered.length === 0 || tree.hasError) return [];
  const place = new Place(finding, tree, target);
  return offered.flatMap((rewrite) => {
    try {
      const fix = rewrite(place);
      if (fix === undefined) return [];
      return { ...fix, edits: withTidyImports(place.source, fix.edits) };
    } catch (error) {
      // A place for an import or a line that does not exist: then there is no such fix.
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
}
