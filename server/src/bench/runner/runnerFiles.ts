/** Puts the runner's Python files into a folder. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { functionFileName, functionSource } from "./functionSource.ts";
import { runnerFileName, runnerSource } from "./runnerSource.ts";
import { watchFileName, watchSource } from "./watchSource.ts";
import { workersFileName, workersSource } from "./workersSource.ts";

export async function writeRunner(folder: string): Promise<void> {
  const files = [
    [runnerFileName, runnerSource],
    [watchFileName, watchSource],
    [functionFileName, functionSource],
    [workersFileName, workersSource],
  ] as const;
  await Promise.all(files.map(([name, source]) => writeFile(join(folder, name), source)));
}
