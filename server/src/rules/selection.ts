// Which rules options ask for.
import type { AnalysisOptions } from "../findings/options.ts";
import type { RuleMeta } from "./rule.ts";

export function isWanted(meta: RuleMeta, { select, ignore, preview }: AnalysisOptions): boolean {
  if (ignore?.includes(meta.name)) return false;
  return select === undefined ? preview === true || meta.status === "stable" : select.includes(meta.name);
}
