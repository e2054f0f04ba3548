import type { Finding } from "../findings/finding.ts";
import type { TextFix } from "./fix.ts";

/** The fixes a finding offers. @param text the whole text of the finding's file. */
export function fixesFor(_finding: Finding, _text: string): TextFix[] {
  return [];
}
