/** Picks the builds to compare: for each version one with the GIL and one without, as alike as possible. Pure. */
import { buildName, differences, explicitSource, hintSource, type Interpreter } from "./interpreter.ts";

export interface Pair {
  /** `3.13` */
  readonly version: string;
  readonly withGil: Interpreter;
  readonly freeThreaded: Interpreter;
}

/**
 * @returns one pair per minor version that has both builds, oldest first. When the user named interpreters,
 * only versions of those, and a named one is never replaced by a found one.
 */
export function choosePairs(interpreters: readonly Interpreter[]): Pair[] {
  const usable = interpreters.filter(isComparable);
  const named = usable.filter(({ source }) => source === explicitSource);
  const versions = new Set((named.length > 0 ? named : usable).map(minorVersion));
  const pairs: Pair[] = [];
  for (const version of versions) {
    const builds = usable.filter((one) => minorVersion(one) === version);
    const candidates = builds
      .filter(({ freeThreaded }) => !freeThreaded)
      .flatMap((withGil) =>
        builds
          .filter(({ freeThreaded }) => freeThreaded)
          .map((freeThreaded) => ({ version, withGil, freeThreaded })),
      );
    const best = candidates.reduce<Pair | undefined>(
      (kept, next) => (kept === undefined || penalty(next) < penalty(kept) ? next : kept),
      undefined,
    );
    if (best) {
      pairs.push(best);
    }
  }
  return pairs.sort((a, b) => a.withGil.version[1] - b.withGil.version[1]);
}

/** Builds that would complete a pair: `3.13t` when only 3.13 is there. */
export function missingBuilds(interpreters: readonly Interpreter[]): string[] {
  const names = new Set(interpreters.filter(isComparable).map(buildName));
  const halves = [...names].filter((name) => !names.has(otherBuild(name)));
  return halves.map(otherBuild);
}

function otherBuild(name: string): string {
  return name.endsWith("t") ? name.slice(0, -1) : `${name}t`;
}

/** Free-threaded builds exist from 3.13 on; a debug build is taken only when it was named. */
function isComparable({ implementation, version, debug, source }: Interpreter): boolean {
  const recent = version[0] === 3 && version[1] >= 13;
  return implementation === "cpython" && recent && (!debug || source === explicitSource);
}

function minorVersion({ version }: Interpreter): string {
  return `${version[0]}.${version[1]}`;
}

function penalty({ withGil, freeThreaded }: Pair): number {
  const wish = (one: Interpreter) =>
    one.source === explicitSource ? 0 : one.source === hintSource ? 100 : 200;
  return wish(withGil) + wish(freeThreaded) + differences(withGil, freeThreaded).length;
}
