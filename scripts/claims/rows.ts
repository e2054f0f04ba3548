/** The claims of four articles on Python without the GIL, each beside what was measured. Pure. */
import type { BenchResult, PairFigures } from "../../server/src/bench/result.ts";
import { type Gain, gainOf, gainText, type Judgement, judge } from "./judge.ts";

export interface Results {
  readonly sqrt: BenchResult;
  /** One function, its work split. */
  readonly sqrtSplit: BenchResult;
  readonly collatz: BenchResult;
  readonly matrix: BenchResult;
  readonly monteCarlo: BenchResult;
  readonly tree: BenchResult;
  readonly fraud: BenchResult;
  readonly native: BenchResult;
  readonly nativeGil: BenchResult;
  readonly asyncio: BenchResult;
  readonly io: BenchResult;
}

export interface Row {
  readonly number: string;
  readonly claim: string;
  readonly measured: string;
  readonly verdict: Judgement | "not measured";
  readonly conditions: string;
}

/** Of the claims, the share that fits the thread count measured; the articles name 2, 4, 8 and 16. */
const claimedFreeThreaded: ReadonlyMap<number, number> = new Map([
  [2, 1.94],
  [4, 3.71],
  [8, 6.82],
  [16, 11.75],
]);

export function claimRows(results: Results): Row[] {
  const { sqrt, sqrtSplit, collatz, native, nativeGil, asyncio, fraud } = results;
  const most = sqrt.lanes[0]!.samples.at(-1)!.threads;
  const nearLinear = claimedFreeThreaded.get(most) ?? 0.95 * most;
  const row = (
    number: string,
    claim: string,
    result: BenchResult,
    lane: string,
    claimed: number,
    more: { workers?: string; also?: (gain: Gain) => string } = {},
  ): Row => {
    const gain = gainOf(result, lane);
    const conditions = conditionsOf(result);
    if (!gain) {
      const reason =
        result.unavailable.find(({ id }) => id === lane)?.reason ?? "no such interpreter was found";
      return { number, claim, measured: reason, verdict: "not measured", conditions };
    }
    const also = more.also ? `; ${more.also(gain)}` : "";
    return {
      number,
      claim,
      measured: gainText(gain, more.workers) + also,
      verdict: judge(gain, claimed),
      conditions,
    };
  };
  return [
    row(
      "1",
      "Threads with the GIL gain nothing on CPU work: 4 threads run at 0.92 times one",
      sqrt,
      "3.13",
      0.92,
    ),
    row(
      "2",
      "The same loop on 3.13t: 1.94, 3.71, 6.82, 11.75 times on 2, 4, 8, 16 threads",
      sqrt,
      "3.13t",
      nearLinear,
    ),
    cost("2, 10", "On that loop one thread of 3.13t is 18 % slower", [sqrt], 1.18),
    row(
      "3",
      "Processes scale like threads without the GIL (3.71 on 4), for the price of memory",
      sqrtSplit,
      "processes",
      nearLinear,
      {
        workers: "processes",
        also: ({ lane, sample }) =>
          `${lane.startMs?.toFixed(0)} ms until all are ready, ${sample.peakMiB.toFixed(0)} MiB against ${gainOf(sqrtSplit, "3.13")?.sample.peakMiB.toFixed(0)} MiB for threads`,
      },
    ),
    row(
      "4",
      "Native code that lets go of the GIL scales with the GIL (3.49 on 4)",
      native,
      "3.13",
      0.93 * nearLinear,
    ),
    pypy(collatz),
    row("5", "PyPy still uses one core", collatz, "pypy", 1),
    row(
      "6",
      "Sub-interpreters run in parallel; about 1 MB and 50 ms each",
      sqrtSplit,
      "subinterpreters",
      nearLinear,
      {
        workers: "sub-interpreters",
        also: ({ lane, sample }) => {
          const [alone] = lane.samples;
          const each = (sample.peakMiB - (alone?.peakMiB ?? 0)) / Math.max(1, sample.threads - 1);
          return `${lane.startMs?.toFixed(0)} ms until all are ready with the module loaded, ${each.toFixed(1)} MiB for each one more`;
        },
      },
    ),
    row("7", "asyncio gives CPU work no concurrency", asyncio, "3.13t", 1),
    row("7", "… and waiting overlaps with the GIL as well", results.io, "3.13", most),
    row("8", "A C extension's block without the GIL runs in parallel", native, "3.13t", nearLinear),
    row(
      "9",
      "Matrix multiplication in pure Python on 3.13t: near linear",
      results.matrix,
      "3.13t",
      nearLinear,
    ),
    row("9", "Monte Carlo option pricing on 3.13t: near linear", results.monteCarlo, "3.13t", nearLinear),
    row("9", "Recursive tree traversal on 3.13t: near linear", results.tree, "3.13t", nearLinear),
    cost(
      "10",
      "The free-threaded build costs 5 to 20 % on one thread (the documents: about 40 % for 3.13t)",
      Object.values(results),
      1.2,
    ),
    row(
      "11",
      "Fraud scoring with a shared read-only model uses all cores on 3.13t",
      fraud,
      "3.13t",
      nearLinear,
    ),
    reenabled(nativeGil),
  ];
}

function cost(number: string, claim: string, results: readonly BenchResult[], claimed: number): Row {
  const pairs = results.flatMap(({ pairs }): PairFigures[] => pairs.filter(({ free }) => free === "3.13t"));
  // Programs that wait or compute natively cost nothing anywhere: the claim is about Python code.
  const computing = pairs.filter((_, index) => computes(results[index]!));
  const low = Math.min(...computing.map(({ singleThreadCost }) => singleThreadCost));
  const high = Math.max(...computing.map(({ singleThreadCost }) => singleThreadCost));
  const sure = computing.every(
    (pair) => pair.singleThreadCostHigh - pair.singleThreadCostLow < 0.3 * pair.singleThreadCost,
  );
  const verdict: Judgement = !sure ? "cannot be told here" : high > claimed * 1.1 ? "refuted" : "confirmed";
  const range = computing.length === 1 ? low.toFixed(2) : `${low.toFixed(2)} to ${high.toFixed(2)}`;
  const [only] = computing;
  const interval =
    computing.length === 1 && only
      ? ` (${only.singleThreadCostLow.toFixed(2)} to ${only.singleThreadCostHigh.toFixed(2)})`
      : "";
  return {
    number,
    claim,
    measured: `${range} times as long${interval}${computing.length === 1 ? "" : ", by workload"}`,
    verdict,
    conditions: conditionsOf(results[0]!),
  };
}

function computes({ file, reasons }: BenchResult): boolean {
  return !file.includes("native") && !reasons.some(({ kind }) => kind === "waits");
}

function pypy(result: BenchResult): Row {
  const claim = "PyPy runs Collatz 6 to 34 times as fast";
  const one = result.lanes.find(({ id }) => id === "pypy")?.samples[0];
  const base = result.lanes.find(({ id }) => id === "3.13")?.samples[0];
  const conditions = conditionsOf(result);
  if (!one || !base) {
    return { number: "5", claim, measured: "no PyPy was found", verdict: "not measured", conditions };
  }
  const [low, high] = [base.lowMs / one.highMs, base.highMs / one.lowMs];
  const verdict =
    high < 6
      ? "refuted"
      : low > 34
        ? "better than claimed"
        : low >= 5.4
          ? "confirmed"
          : "cannot be told here";
  const version = result.lanes.find(({ id }) => id === "pypy")?.pythonVersion;
  return {
    number: "5",
    claim,
    measured: `${(base.medianMs / one.medianMs).toFixed(1)} times (${low.toFixed(1)} to ${high.toFixed(1)}), PyPy for Python ${version} against CPython ${result.lanes[0]?.pythonVersion}`,
    verdict,
    conditions,
  };
}

function reenabled(result: BenchResult): Row {
  const lane = result.lanes.find(({ id }) => id === "3.13t");
  const by = lane?.gilSwitchedOnBy;
  return {
    number: "12",
    claim: "Importing an extension module that does not declare otherwise switches the GIL on",
    measured: by ? `it did in every run, by ${by}` : "the GIL stayed off",
    verdict: by && lane?.gilEnabled ? "confirmed" : "refuted",
    conditions: conditionsOf(result),
  };
}

function conditionsOf({ machine, rounds, file, function: called }: BenchResult): string {
  const name = file.split("/").at(-1);
  return `${name}${called ? `, ${called.name}` : ""}; ${rounds === 1 ? "1 round" : `${rounds} rounds`}; load ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after`;
}
