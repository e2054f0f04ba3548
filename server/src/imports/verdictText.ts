/** A whole verdict in Markdown, for hovers and reports. */
import { type ImportVerdict, isBad, type VerdictKind } from "./verdict.ts";

const heads: Readonly<Record<VerdictKind, string>> = {
  stdlib: "is part of Python and keeps the GIL off",
  pure: "loads no extension module",
  "keeps-gil-off": "keeps the GIL off",
  "enables-gil": "switches the GIL back on",
  "no-free-threaded-build": "has no free-threaded build",
  unknown: "may or may not switch the GIL back on: unknown",
};

/** How many culprits are told with their chains; the others are named. */
const shownCulprits = 5;

export function verdictMarkdown(verdict: ImportVerdict): string {
  const { distribution, distributionVersion, culprits, evidence, notes, advice, python } = verdict;
  const from = distribution ? ` (${[distribution, distributionVersion].filter(Boolean).join(" ")})` : "";
  const mark = isBad(verdict) ? "⚠ " : "";
  const head = `${mark}**${code(verdict.import)}${from} ${heads[verdict.verdict]}** on ${python}.`;
  const told = culprits.slice(0, shownCulprits).map(({ chain, detail, conditional, file }) => {
    const way = chain.map(code).join(" → ");
    return `- ${way}${conditional ? " (under a condition)" : ""}: ${escaped(detail)}${file ? ` ${code(file)}` : ""}`;
  });
  const others = culprits.slice(shownCulprits).map(({ module }) => code(module));
  if (others.length > 0) told.push(`- and ${others.join(", ")}`);
  // What culprits say of themselves is not said twice.
  const said = new Set(culprits.map(({ detail }) => detail));
  const known = evidence.filter(({ detail }) => !said.has(detail)).slice(0, 8);
  const items = known.map(({ source, detail }) => `- *${source}*: ${escaped(detail)}`);
  const rest = [...notes, ...advice].map((text) => `- ${escaped(text)}`);
  return [head, told.join("\n"), items.join("\n"), rest.join("\n")].filter(Boolean).join("\n\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\*_`<>[\]]/g, (char) => `\\${char}`);
}
