// Runs all demonstrations on the interpreters found and writes docs/proofs.md:
//   npm run prove [-- --trials 5 --jobs 2] [RULE…]     with names of rules: prints what it saw, and writes nothing
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { ruleNames } from "../server/src/analysis/ruleCatalogue.ts";
import { InterpreterCatalogue } from "../server/src/environment/discover.ts";
import { demonstrationsIn } from "./prove/demonstrations.ts";
import { inWords, oneOfEachBuild, type Proof, prove } from "./prove/proof.ts";
import { proofsPage } from "./prove/report.ts";

const command = new Command("prove")
  .argument("[rules...]")
  .option("--trials <n>", "of each program", count, 5)
  .option("--jobs <n>", "demonstrations at a time; deadlocks wait without using a core", count, 2)
  .parse();
const { trials, jobs } = command.opts<{ trials: number; jobs: number }>();

const demonstrations = demonstrationsIn("fixtures/demonstrations");
for (const name of command.args.filter((rule) => !demonstrations.some((one) => one.rule === rule))) {
  command.error(`error: there is no demonstration of ${name}`);
}
const pythons = oneOfEachBuild((await new InterpreterCatalogue().find()).interpreters);
if (pythons.length === 0)
  command.error("error: no CPython from 3.13 on was found: node scripts/providePythons.mjs");

const wanted = demonstrations.filter(({ rule }) => command.args.length === 0 || command.args.includes(rule));
const proofs = new Map<string, Proof[]>(wanted.map(({ rule }) => [rule, []]));
const waiting = [...wanted];
const work = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const python of pythons) {
      const proof = await prove(python, "scripts/prove/runner.py", next, trials);
      proofs.get(next.rule)!.push(proof);
      tell(next.rule, proof);
    }
  }
};
await Promise.all(Array.from({ length: jobs }, work));
if (command.args.length === 0) {
  writeFileSync("docs/proofs.md", proofsPage(proofs, ruleNames, availableParallelism(), jobs));
}

function tell(rule: string, { build, bad, repaired, sameAlone }: Proof): void {
  const twin = inWords(repaired);
  const complaints = [
    ...(twin === "" ? [] : [`REPAIRED TWIN FAILS: ${twin}`]),
    ...(sameAlone === false ? ["TWINS DIFFER WITH ONE THREAD"] : []),
  ];
  console.log([`${rule} on ${build}: ${inWords(bad) || "not observed"}`, ...complaints].join("; "));
  if (complaints.length > 0) process.exitCode = 1;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("It must be a number from 1 on.");
  return number;
}
