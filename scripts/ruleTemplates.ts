// What a new rule starts from: three files full of places to fill in, none of which passes the tests as it is.
import type { Family } from "../server/src/rules/rule.ts";

/** Stands wherever somebody has to write something; a test refuses files of rules that still have it. */
export const placeholder = "FILL_IN";

/** `access`: recognises an operation at one access of shared data. `file`: looks at calls and classes of a file. */
export type RuleKind = "access" | "file";

/**
 * The files of a new rule.
 * @param name kebab-case
 * @returns texts by path from the project's root
 */
export function newRuleFiles(name: string, family: Family, kind: RuleKind): ReadonlyMap<string, string> {
  return new Map([
    [
      `server/src/rules/${family.replaceAll(" ", "-")}/${name}.ts`,
      kind === "access" ? accessRule(name, family) : fileRule(name, family),
    ],
    [`fixtures/rules/${name}.py`, fixture(name)],
    [`docs/rules/${name}.md`, page(name, family)],
  ]);
}

const meta = (name: string, family: Family, lockRepairs: boolean) => `  {
    name: "${name}",
    summary: "${placeholder}: one sentence for the index.",
    family: "${family}",
    severity: "warning",
    status: "preview",
    lockRepairs: ${lockRepairs},
  },`;

function accessRule(name: string, family: Family): string {
  return `// ${placeholder}: the shape it looks for, in one sentence.
import { defineRule } from "../rule.ts";

export default defineRule(
${meta(name, family, true)}
  (view) => {
    if (view.access.detail !== "${placeholder}") return undefined;
    return {
      withItself: true,
      outcome: "${placeholder}",
      steps: ["${placeholder}", "${placeholder}"],
      conflicts: () => false,
    };
  },
);
`;
}

function fileRule(name: string, family: Family): string {
  return `// ${placeholder}: the shape it looks for, in one sentence.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
${meta(name, family, false)}
  function* (view) {
    for (const call of view.callsTo("${placeholder}")) {
      const reach = view.reach(call.fn);
      if (reach === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "${placeholder}",
        message: \`${placeholder}: what two threads do to each other, what is lost, one way out. \${reach.because}\`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);
`;
}

function fixture(name: string): string {
  return `# Cases for ${name}: ${placeholder}. See server/test/ruleCases.ts.
#
# ${placeholder}: at least four cases with marks and four without, from shapes that real code has. A case starts with
# a title behind three # and a mark stands under its line; mind that the other rules run on every case too.
`;
}

function page(name: string, family: Family): string {
  const sections = [
    ["What it finds", placeholder],
    ["Why it matters without the GIL", `${placeholder}: which guarantee is missing, in which versions.`],
    [
      "How two threads meet",
      `| step | thread A | thread B | value |\n| ---- | -------- | -------- | ----- |\n| 1 | ${placeholder} |  |  |`,
    ],
    [
      "Example",
      `${placeholder}: two python blocks, the first starting with "# bad", the second with "# good".`,
    ],
    ["How to fix", placeholder],
    ["When to ignore it", placeholder],
    ["References", `- ${placeholder}`],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}\n`).join("\n");
  return `# ${name}\n\n${placeholder}: the rule's summary.\n\nSeverity: warning · Status: preview · Family: ${family}\n\n${body}`;
}
