// What findings about inherited context variables have in common.
import type { FileView } from "../fileView.ts";
import type { Issue } from "../rule.ts";
import type { ContextRead } from "./contextReads.ts";

/** All but the words and the place of a finding: where the variable was set and where the thread reads it. */
export function starterSets(
  view: FileView,
  { start, variable, set, read }: ContextRead,
): Pick<Issue, "fn" | "symbol" | "evidence" | "related"> {
  const at = ({ file, call }: ContextRead["set"], message: string) => ({
    path: file.path,
    range: file.range(call.start, call.end),
    message,
  });
  return {
    fn: start.fn,
    symbol: variable,
    evidence: "proven",
    related: [
      at(set, `\`${variable}\` is set here, in \`${view.nameOf({ file: set.file, index: set.call.fn })}\``),
      at(read, `and read here, in \`${view.nameOf({ file: read.file, index: read.call.fn })}\``),
    ],
  };
}
