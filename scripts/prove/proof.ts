// What repeated trials of one demonstration on one interpreter showed.
import { buildName, type Interpreter, versionText } from "../../server/src/environment/interpreter.ts";
import type { Demonstration } from "./demonstrations.ts";
import { type Failure, runTrial, type Trial } from "./trial.ts";

export interface Proof {
  /** `3.13.5t`: version and build. */
  readonly build: string;
  /** One entry for each trial of the program and of its repaired twin. */
  readonly bad: readonly Trial[];
  readonly repaired: readonly Trial[];
  /** Whether both say the same with one thread; undefined when the program fails even then. */
  readonly sameAlone: boolean | undefined;
}

export const threads = 4;

/** @param trials how often each of the two programs runs, one after the other */
export async function prove(
  python: Interpreter,
  runner: string,
  demonstration: Demonstration,
  trials: number,
): Promise<Proof> {
  const run = async (program: string) => {
    const seen: Trial[] = [];
    for (let i = 0; i < trials; i += 1) {
      seen.push(await runTrial(python.executable, runner, program, threads));
    }
    return seen;
  };
  const alone = await runTrial(python.executable, runner, demonstration.bad, 1);
  const repairedAlone = await runTrial(python.executable, runner, demonstration.repaired, 1);
  return {
    build: `${versionText(python)}${python.freeThreaded ? "t" : ""}`,
    bad: await run(demonstration.bad),
    repaired: await run(demonstration.repaired),
    sameAlone: alone.seen.length > 0 ? undefined : alone.said === repairedAlone.said,
  };
}

/** Interpreters to prove on: one of each build, CPython from 3.13 on. */
export function oneOfEachBuild(interpreters: readonly Interpreter[]): Interpreter[] {
  const builds = new Map<string, Interpreter>();
  for (const python of interpreters) {
    const isRecent = python.version[0] === 3 && python.version[1] >= 13;
    if (python.implementation !== "cpython" || !isRecent || python.debug) continue;
    const name = buildName(python);
    if (!builds.has(name)) builds.set(name, python);
  }
  return [...builds.values()].sort((a, b) => Number(b.freeThreaded) - Number(a.freeThreaded));
}

/** All that was seen in some trials, in words: "lost 1.2 % to 19 %, RuntimeError". Empty when nothing was. */
export function inWords(trials: readonly Trial[]): string {
  const failures = trials.flatMap(({ seen }) => seen);
  const parts = (["lost", "wrong"] as const).flatMap((kind) => {
    const counted = failures.filter((failure): failure is Counted => failure.kind === kind);
    return counted.length === 0 ? [] : [`${kind} ${range(counted)}`];
  });
  const names = failures.flatMap((failure) => nameOf(failure));
  return [...parts, ...new Set(names)].join(", ");
}

function nameOf(failure: Failure): string[] {
  switch (failure.kind) {
    case "raised":
      return [failure.name];
    case "crash":
      return [`crash (${failure.signal})`];
    case "deadlock":
      return ["deadlock"];
    case "endless":
      return ["does not end"];
    default:
      return [];
  }
}

type Counted = Extract<Failure, { count: number }>;

function range(counted: readonly Counted[]): string {
  const counts = counted.map(({ count }) => count);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  const of = counted[0]?.of;
  const text = low === high ? `${low}` : `${low} to ${high}`;
  return of === undefined ? text : `${text} of ${of}`;
}
