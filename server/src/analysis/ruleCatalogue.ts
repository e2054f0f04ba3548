// All that can be reported, under one roof: rules about accesses, rules about files, and what later steps report.
import type { AnalysisOptions } from "../findings/options.ts";
import { importRules } from "../imports/importRules.ts";
import { allRules, fileRules, rules } from "../rules/index.ts";
import type { RuleMeta } from "../rules/rule.ts";

export const ruleCatalogue: readonly RuleMeta[] = [...allRules.map((rule) => rule.meta), ...importRules];

export const ruleNames: readonly string[] = ruleCatalogue.map((meta) => meta.name);

/** Rules whose findings other rooms make and hand to the workspace, sooner or later. */
export const foreignRules: readonly string[] = ruleCatalogue
  .filter((meta) => ![...rules, ...fileRules].some((rule) => rule.meta === meta))
  .map((meta) => meta.name);

/** Options under which every rule speaks, at the widest notion of concurrency. */
export function everythingWanted({ target, knownSafe }: AnalysisOptions): AnalysisOptions {
  return { concurrency: "library", target, preview: true, ...(knownSafe && { knownSafe }) };
}
