// Prints the last test run as one plain line, from vitest's JSON report.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const report = fileURLToPath(new URL("../artifacts/vitest.json", import.meta.url));
const text = await readFile(report, "utf8").catch(() => undefined);
if (text === undefined) {
  process.stdout.write("no test was run\n");
  process.exitCode = 1;
} else {
  const result = JSON.parse(text);
  // A file that cannot be loaded counts no test of its own, and is a failure all the same.
  const broken = result.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failed = result.numFailedTests + broken.length;
  const skipped = result.numPendingTests + result.numTodoTests;
  const skippedWords = skipped > 0 ? `, ${skipped} skipped` : "";
  process.stdout.write(`${result.numPassedTests} passed, ${failed} failed${skippedWords}\n`);
  if (!result.success || failed > 0) process.exitCode = 1;
}
