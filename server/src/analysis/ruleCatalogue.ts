// All that can be reported, under one roof: rules about accesses, rules about files, and what later steps report.
import type { AnalysisOptions } from "../findings/options.ts";
import { fileRules, rules } from "../rules/index.ts";
import type { RuleMeta } from "../rules/rule.ts";
import { unusedSuppression } from "../suppressions/suppress.ts";

export const ruleCatalogue: readonly RuleMeta[] = [
  ...rules.map((rule) => rule.meta),
  ...fileRules.map((rule) => rule.meta),
  unusedSuppression,
];

export const ruleNames: readonly string[] = ruleCatalogue.map((meta) => meta.name);

/** Options under which every rule speaks, at the widest notion of concurrency. */
export function everythingWanted({ target, knownSafe }: AnalysisOptions): AnalysisOptions {
  return { concurrency: "library", target, preview: true, ...(knownSafe && { knownSafe }) };
}
