// Asks interpreters whether texts compile, many in one run.
import { execa } from "execa";
import { InterpreterCatalogue } from "../../server/src/environment/discover.ts";
import { oneOfEachBuild } from "../prove/proof.ts";

export interface Python {
  readonly executable: string;
  readonly build: string;
}

/** One interpreter of each build, CPython from 3.13 on. */
export async function pythonsFound(): Promise<Python[]> {
  return oneOfEachBuild((await new InterpreterCatalogue().find()).interpreters).map((python) => ({
    executable: python.executable,
    build: `${python.version.slice(0, 2).join(".")}${python.freeThreaded ? "t" : ""}`,
  }));
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
