// Asks interpreters whether texts compile, many in one run.
import { execa } from "execa";
import { askInterpreter } from "../../server/src/environment/ask.ts";
import { InterpreterCatalogue } from "../../server/src/environment/discover.ts";
import type { Interpreter } from "../../server/src/environment/interpreter.ts";
import { oneOfEachBuild } from "../prove/proof.ts";

export interface Python {
  readonly executable: string;
  readonly build: string;
}

/** One interpreter of each build, CPython from 3.13 on. */
export async function pythonsFound(): Promise<Python[]> {
  return oneOfEachBuild((await new InterpreterCatalogue().find()).interpreters).map(pythonOf);
}

/** @throws when one of the executables is no Python. */
export async function pythonsAt(executables: readonly string[]): Promise<Python[]> {
  const replies = await Promise.all(executables.map((executable) => askInterpreter(executable, "named")));
  return replies.map((reply, i) => {
    if ("reason" in reply) throw new Error(`${executables[i]}: ${reply.reason}`);
    return { ...pythonOf(reply.interpreter), executable: executables[i]! };
  });
}

function pythonOf({ executable, version, freeThreaded }: Interpreter): Python {
  return { executable, build: `${version.slice(0, 2).join(".")}${freeThreaded ? "t" : ""}` };
}

const compileAll = `
import json, sys, warnings
warnings.simplefilter("ignore")
errors = []
for text in json.load(sys.stdin):
    try:
        compile(text.encode("utf-8", "surrogatepass"), "fixed.py", "exec", dont_inherit=True)
        errors.append(None)
    except (SyntaxError, ValueError) as error:
        errors.append(str(error))
json.dump(errors, sys.stdout)
`;

/** What CPython says to each text: null where it compiles. */
export async function compileErrors(
  executable: string,
  texts: readonly string[],
): Promise<(string | null)[]> {
  const { stdout } = await execa(executable, ["-c", compileAll], { input: JSON.stringify(texts) });
  return JSON.parse(stdout) as (string | null)[];
}
