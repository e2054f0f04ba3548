// Runs all demonstrations on the interpreters found and writes docs/proofs.md:
//   npm run prove [-- --trials 5] [RULE…]     with names of rules: prints what it saw, and writes nothing
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { ruleNames } from "../server/src/analysis/ruleCatalogue.ts";
import { InterpreterCatalogue } from "../server/src/environment/discover.ts";
import { demonstrationsIn } from "./prove/demonstrations.ts";
import { inWords, oneOfEachBuild, type Proof, prove } from "./prove/proof.ts";
import { proofsPage } from "./prove/report.ts";

const command = new Command("prove")
  .argument("[rules...]")
  .option("--trials <n>", "of each program", "5")
  .parse();
const trials = Number(command.opts<{ trials: string }>().trials);
if (!Number.isInteger(trials) || trials < 1) command.error("error: --trials needs a number from 1 on");

const demonstrations = demonstrationsIn("fixtures/demonstrations");
for (const name of command.args.filter((rule) => !demonstrations.some((one) => one.rule === rule))) {
  command.error(`error: there is no demonstration of ${name}`);
}
const pythons = oneOfEachBuild((await new InterpreterCatalogue().find()).interpreters);
if (pythons.length === 0)
  command.error("error: no CPython from 3.13 on was found: node scripts/providePythons.mjs");

const proofs = new Map<string, Proof[]>();
for (const demonstration of demonstrations) {
  const { rule } = demonstration;
  if (command.args.length > 0 && !command.args.includes(rule)) continue;
  const found: Proof[] = [];
  for (const python of pythons) {
    const proof = await prove(python, "scripts/prove/runner.py", demonstration, trials);
    found.push(proof);
    const twin = inWords(proof.repaired);
    const alone = proof.sameAlone === false ? "; twins differ with one thread" : "";
    console.log(
      `${rule} on ${proof.build}: ${inWords(proof.bad) || "not observed"}${twin && `; REPAIRED TWIN FAILS: ${twin}`}${alone}`,
    );
    if (twin !== "" || alone !== "") process.exitCode = 1;
  }
  proofs.set(rule, found);
}
if (command.args.length === 0) {
  writeFileSync("docs/proofs.md", proofsPage(proofs, ruleNames, availableParallelism()));
}
