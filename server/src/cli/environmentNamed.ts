/** From what `--python` names to an environment. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { InterpreterCatalogue } from "../environment/discover.ts";
import type { PythonEnvironment } from "../environment/pythonEnvironment.ts";
import { NoEnvironment, namedEnvironment } from "../imports/chooseEnvironment.ts";
import { UsageError } from "./loadSources.ts";

/** @throws UsageError when there is no such interpreter */
export async function environmentNamed(
  python: string,
  catalogue: InterpreterCatalogue,
): Promise<PythonEnvironment> {
  try {
    return await namedEnvironment(/[\\/]/.test(python) ? python : await catalogue.locate(python));
  } catch (error) {
    throw error instanceof NoEnvironment ? new UsageError(error.message) : error;
  }
}

/** The folder itself, or the one a file lies in. */
export function folderOf(path: string): string {
  try {
    return statSync(path).isDirectory() ? path : dirname(path);
  } catch {
    return dirname(path);
  }
}
