// The index of the rules' pages, docs/rules/README.md, from what the rules say of themselves:
//   npm run rules
import { ruleCatalogue } from "../server/src/analysis/ruleCatalogue.ts";
import { families } from "../server/src/rules/rule.ts";

/** The page's whole text. */
export function ruleIndex(): string {
  const all = [...ruleCatalogue].sort((a, b) => (a.name < b.name ? -1 : 1));
  const present = families.filter((family) => all.some((meta) => meta.family === family));
  const parts = present.map((family) => {
    const rows = all
      .filter((meta) => meta.family === family)
      .map((meta) => {
        const status = meta.status === "preview" ? " (preview)" : "";
        return `| [${meta.name}](${meta.name}.md) | ${meta.severity}${status} | ${meta.summary} |`;
      });
    const title = family.charAt(0).toUpperCase() + family.slice(1);
    return `## ${title}\n\n| rule | severity | what it finds |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# Rules\n\nWritten from the rules themselves. Rules in preview are heuristic and run with \`--preview\` only.\n\n${parts.join("\n")}`;
}
