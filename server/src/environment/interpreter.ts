/** What is known about one Python interpreter, always from its own answer. */
import { z } from "zod";

/** The answer of an interpreter to the question in `ask.ts`. */
export const answerSchema = z.object({
  implementation: z.string(),
  version: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  releaseLevel: z.string(),
  freeThreaded: z.boolean(),
  gilEnabled: z.boolean(),
  debug: z.boolean(),
  configArgs: z.string(),
  cc: z.string(),
  compiler: z.string(),
  executable: z.string(),
  realpath: z.string(),
  prefix: z.string(),
  platform: z.string(),
});

type Answer = z.infer<typeof answerSchema>;

export interface Interpreter extends Answer {
  /** Where it was found: `--python`, `PATH`, `uv`, `pyenv`, … */
  readonly source: string;
}

/** The `source` of an interpreter that the user named, and of one that the editor has selected. */
export const explicitSource = "--python";
export const hintSource = "editor selection";

/** `3.13.5`, `3.15.0rc1`-style suffixes left out: the level is kept apart in `releaseLevel`. */
export function versionText(interpreter: Pick<Interpreter, "version">): string {
  return interpreter.version.join(".");
}

/** `3.13` or `3.13t`: how people name a build, made from what the build says about itself. */
export function buildName(interpreter: Pick<Interpreter, "version" | "freeThreaded">): string {
  const [major, minor] = interpreter.version;
  return `${major}.${minor}${interpreter.freeThreaded ? "t" : ""}`;
}

/** Built with profile-guided optimisation; undefined where the build does not say (Windows). */
export function isOptimised(interpreter: Pick<Interpreter, "configArgs">): boolean | undefined {
  return interpreter.configArgs === "" ? undefined : /--enable-optimizations/.test(interpreter.configArgs);
}

/** Built with link-time optimisation; undefined where the build does not say (Windows). */
export function isLinkTimeOptimised(interpreter: Pick<Interpreter, "configArgs">): boolean | undefined {
  return interpreter.configArgs === "" ? undefined : /--with-lto(?!=no)/.test(interpreter.configArgs);
}

/**
 * How two builds differ in ways that a comparison of their speed would measure instead of the GIL.
 * One sentence part per difference, empty when they are alike.
 */
export function differences(one: Interpreter, other: Interpreter): string[] {
  const found: string[] = [];
  const compare = (what: string, a: string | undefined, b: string | undefined) => {
    if (a !== undefined && b !== undefined && a !== b) {
      found.push(`${what}: ${a} and ${b}`);
    }
  };
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : value ? "yes" : "no");
  compare("version", versionText(one), versionText(other));
  compare("compiler", one.compiler, other.compiler);
  compare("profile-guided optimisation", yesNo(isOptimised(one)), yesNo(isOptimised(other)));
  compare("link-time optimisation", yesNo(isLinkTimeOptimised(one)), yesNo(isLinkTimeOptimised(other)));
  compare("debug build", yesNo(one.debug), yesNo(other.debug));
  compare("implementation", one.implementation, other.implementation);
  return found;
}
