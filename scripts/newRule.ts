// Starts a new rule: its file, its fixture and its page, which the tests refuse until they are filled in.
//   npm run new-rule NAME -- --family "locks" [--kind access|file]
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { execa } from "execa";
import { ruleNames } from "../server/src/analysis/ruleCatalogue.ts";
import { families } from "../server/src/rules/rule.ts";
import { newRuleFiles } from "./ruleTemplates.ts";

const command = new Command("new-rule")
  .argument("<name>", "kebab-case, says what is wrong: sleep-holding-lock")
  .addOption(
    new Option("--family <family>", "family in the documentation").choices(families).makeOptionMandatory(),
  )
  .addOption(
    new Option("--kind <kind>", "access: an operation on shared data; file: calls, classes, locks of a file")
      .choices(["access", "file"] as const)
      .default("file" as const),
  )
  .parse();
const { family, kind } = command.opts<{ family: (typeof families)[number]; kind: "access" | "file" }>();
const [name = ""] = command.args;

if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(name)) {
  command.error(
    `error: "${name}" is no name of a rule: small letters, at least two words, hyphens between them`,
  );
}
if (ruleNames.includes(name)) command.error(`error: there is a rule ${name} already`);
const files = newRuleFiles(name, family, kind);
for (const file of files.keys()) if (existsSync(file)) command.error(`error: ${file} exists already`);

for (const [file, text] of files) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { flag: "wx" });
  console.log(`wrote ${file}`);
}
await execa("npm", ["run", "--silent", "rules"], { stdio: "inherit" });
const order =
  kind === "access" ? "\nGive it a place in the list of precedence in server/src/rules/index.ts." : "";
console.log(`Fill them in until these pass: npx vitest run server/test/rule -t ${name}${order}`);
