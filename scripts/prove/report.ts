// docs/proofs.md: what was seen of each rule on each build, and which rules nothing was shown of.
import type { Proof } from "./proof.ts";
import { inWords, threads } from "./proof.ts";

/**
 * @param proofs by rule, in the order of names
 * @param all names of all rules
 */
export function proofsPage(
  proofs: ReadonlyMap<string, readonly Proof[]>,
  all: readonly string[],
  cores: number,
  jobs: number,
): string {
  const rows = [...proofs].flatMap(([rule, builds]) =>
    builds.map(({ build, bad, repaired, sameAlone }) => {
      const failed = bad.filter(({ seen }) => seen.length > 0).length;
      const broken = repaired.filter(({ seen }) => seen.length > 0).length;
      const seen = failed === 0 ? "not observed" : inWords(bad);
      const twin =
        broken === 0 ? `${repaired.length} of ${repaired.length} clean` : `**fails: ${inWords(repaired)}**`;
      const alone = sameAlone === undefined ? "fails too" : sameAlone ? "same" : "**differs**";
      const link = `[${rule}](rules/${rule}.md)`;
      return `| ${link} | ${build} | ${failed} of ${bad.length} | ${seen} | ${twin} | ${alone} |`;
    }),
  );
  const without = all.filter((rule) => !proofs.has(rule)).sort();
  return `# Proofs

Written by \`npm run prove\`, which runs the programs in [fixtures/demonstrations](../fixtures/demonstrations): for each rule
one that has the fault and its repaired twin. They ran with ${threads} threads on ${cores} cores, ${jobs} demonstrations at a time,
each trial in a process of its own. A deadlock is a process that has used no processor time for two seconds and has not ended.

What was seen is possible. What was not seen here may still happen elsewhere: "not observed" is no proof of safety. Builds
with the GIL, those without a \`t\`, hide many of these faults; the column shows which.

The last column compares both programs with one thread: the repair changes nothing else. "Fails too" stands where
the fault needs no second thread of the program's own.

| rule | build | trials that failed | what was seen | repaired twin | with one thread |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

## Rules without a demonstration

Faults of speed, of other Python versions or of what a text says, and heuristic rules whose harm depends on the program:

${without.map((rule) => `- [${rule}](rules/${rule}.md)`).join("\n")}
`;
}
