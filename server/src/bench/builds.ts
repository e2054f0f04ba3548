/** The interpreters that a benchmark compares: pairs of one version, and PyPy where there is one. */
import type { InterpreterCatalogue } from "../environment/discover.ts";
import { buildName, explicitSource, type Interpreter, versionText } from "../environment/interpreter.ts";
import { choosePairs, missingBuilds, type Pair } from "../environment/pairs.ts";
import { BenchCancelled, BenchFailure, missingInterpreters } from "./failure.ts";

export interface Builds {
  /** At least one, oldest first. */
  readonly pairs: readonly Pair[];
  /** The newest one found, or named when interpreters were named. */
  readonly pypy: Interpreter | undefined;
}

export interface BuildWishes {
  readonly pythons: readonly string[];
  readonly hints: readonly string[];
  readonly signal?: AbortSignal;
}

/** @throws BenchFailure when a named interpreter cannot be used or no pair is complete */
export async function findBuilds(
  { pythons, hints, signal }: BuildWishes,
  catalogue: InterpreterCatalogue,
): Promise<Builds> {
  const { interpreters, skipped } = await catalogue.find({
    explicit: pythons,
    hints,
    ...(signal && { signal }),
  });
  if (signal?.aborted) {
    throw new BenchCancelled();
  }
  const broken = skipped.find(({ source }) => source === explicitSource);
  if (broken) {
    throw new BenchFailure(`${broken.path} cannot be used: it ${broken.reason}.`);
  }
  const named = interpreters.filter(({ source }) => source === explicitSource);
  for (const one of named.filter(({ implementation }) => implementation !== "pypy")) {
    if (one.implementation !== "cpython" || one.version[0] !== 3 || one.version[1] < 13) {
      throw new BenchFailure(
        `${one.executable} is ${one.implementation} ${versionText(one)}; free-threaded builds exist from CPython 3.13 on.`,
      );
    }
  }
  const pairs = choosePairs(interpreters);
  if (pairs.length === 0) {
    const names = [...new Set(interpreters.map(buildName))].sort();
    throw missingInterpreters(names, missingBuilds(interpreters), process.platform);
  }
  const pypys = (named.length > 0 ? named : interpreters).filter(
    ({ implementation, version }) => implementation === "pypy" && version[0] === 3,
  );
  const newest = pypys.sort((a, b) => a.version[1] - b.version[1] || a.version[2] - b.version[2]).at(-1);
  return { pairs, pypy: newest };
}
