/** Which environment an audit looks at when several could be meant. */
import { existsSync } from "node:fs";
import { askInterpreter } from "../environment/ask.ts";
import type { InterpreterCatalogue } from "../environment/discover.ts";
import { namesIn } from "../environment/folderContents.ts";
import { explicitSource } from "../environment/interpreter.ts";
import {
  environmentOf,
  findProjectEnvironment,
  type PythonEnvironment,
  readEnvironment,
  readVirtualEnvironment,
} from "../environment/pythonEnvironment.ts";

/** A named interpreter that is none; the message is all that the user needs. */
export class NoEnvironment extends Error {}

/**
 * The environment of a named interpreter, from its folders where they tell, else by asking it.
 * @throws NoEnvironment
 */
export async function namedEnvironment(executable: string): Promise<PythonEnvironment> {
  const read = readEnvironment(executable) ?? readVirtualEnvironment(executable);
  if (read) return read;
  if (!existsSync(executable)) throw new NoEnvironment(`${executable} does not exist`);
  const reply = await askInterpreter(executable, explicitSource);
  if ("reason" in reply) throw new NoEnvironment(`${executable} ${reply.reason.split("\n")[0]}`);
  return environmentOf(reply.interpreter);
}

/** The active or the project's own virtual environment, without starting anything. */
export function projectEnvironment(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): PythonEnvironment | undefined {
  const active = env.VIRTUAL_ENV ? readVirtualEnvironment(env.VIRTUAL_ENV) : undefined;
  const own = findProjectEnvironment(folder);
  return own?.freeThreaded || !active ? own : active;
}

/**
 * The environment to audit when none is named: the project's if it is free-threaded; else a free-threaded interpreter of
 * this machine that has packages installed; else the project's own, whose versions count though its files do not.
 */
export async function foundEnvironment(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  catalogue: InterpreterCatalogue,
): Promise<PythonEnvironment | undefined> {
  const project = projectEnvironment(folder, env);
  if (project?.freeThreaded) return project;
  const { interpreters } = await catalogue.find();
  const candidates = interpreters.filter(({ freeThreaded }) => freeThreaded).map(environmentOf);
  return candidates.find(hasPackages) ?? project ?? candidates[0];
}

/** More than what every installation brings. */
function hasPackages({ siteFolders }: PythonEnvironment): boolean {
  const brought = /^(pip|setuptools|wheel)-/;
  return siteFolders.some((folder) =>
    namesIn(folder).some((name) => name.endsWith(".dist-info") && !brought.test(name)),
  );
}
