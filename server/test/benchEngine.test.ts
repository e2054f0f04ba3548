import { describe, expect, it } from "vitest";
import type { Evidence } from "../src/bench/evidence.ts";
import { readCpuMax } from "../src/bench/machine.ts";
import type { Observation } from "../src/bench/measurement.ts";
import { makePlan } from "../src/bench/plan.ts";
import { findReasons } from "../src/bench/reasons.ts";
import type { ReasonKind, Sample } from "../src/bench/result.ts";
import type { LockReport, ProbeReport } from "../src/bench/runReport.ts";
import { fitLaws } from "../src/bench/scalingLaws.ts";
import type { SharedPlace } from "../src/bench/sharedPlaces.ts";
import { outliers, ratio } from "../src/bench/statistics.ts";
import { pairFigures, summarise, summariseHardware } from "../src/bench/summary.ts";
import { interpreter } from "./environmentSamples.ts";

/** Samples that follow a law exactly. */
function followed(law: (threads: number) => number, counts: readonly number[]): Sample[] {
  return counts.map((threads) => {
    const speedup = law(threads);
    const ms = 1000 / speedup;
    return {
      threads,
      medianMs: ms,
      lowMs: ms,
      highMs: ms,
      rawMs: [ms],
      outliersMs: [],
      speedup,
      speedupLow: speedup,
      speedupHigh: speedup,
      efficiency: speedup / threads,
      peakMiB: 10,
      busyCores: threads,
    };
  });
}

describe("laws of scaling", () => {
  it("finds the serial fraction that made the figures", () => {
    const fit = fitLaws(
      followed((k) => 1 / (0.1 + 0.9 / k), [1, 2, 4, 8]),
      8,
    );
    expect(fit?.serialFraction).toBeCloseTo(0.1, 3);
    expect(fit?.amdahlError).toBeCloseTo(0, 3);
  });

  it("finds contention and coherency that made the figures, and that Amdahl fits them worse", () => {
    const fit = fitLaws(
      followed((k) => k / (1 + 0.05 * (k - 1) + 0.02 * k * (k - 1)), [1, 2, 4, 8, 16]),
      16,
    );
    expect(fit?.contention).toBeCloseTo(0.05, 3);
    expect(fit?.coherency).toBeCloseTo(0.02, 3);
    expect(fit?.uslError).toBeCloseTo(0, 3);
    expect(fit?.amdahlError).toBeGreaterThan(0.05);
  });

  it("stays within what the laws allow when the figures are too good", () => {
    const fit = fitLaws(
      followed((k) => k ** 1.05, [1, 2, 3, 4]),
      4,
    );
    expect(fit).toMatchObject({ serialFraction: 0, contention: 0, coherency: 0 });
  });

  it.each([
    ["three counts", [1, 2, 4], 8],
    ["counts beyond the cores", [1, 2, 4, 8], 4],
  ])("concludes nothing from %s", (_, counts, cores) => {
    expect(
      fitLaws(
        followed((k) => k, counts),
        cores,
      ),
    ).toBeUndefined();
  });
});

describe("single values", () => {
  it("shows a value far off as an outlier, and none among those that agree", () => {
    expect(outliers([100, 101, 99, 100, 180])).toEqual([180]);
    expect(outliers([100, 100, 100, 100, 100.5])).toEqual([]);
    expect(outliers([100, 200])).toEqual([]);
  });

  it("takes the ends of both intervals for a ratio's", () => {
    expect(ratio({ median: 10, low: 8, high: 12 }, { median: 5, low: 4, high: 6 })).toEqual({
      median: 2,
      low: 8 / 6,
      high: 3,
    });
  });

  it.each([
    ["150000 100000\n", 1.5],
    ["max 100000\n", undefined],
    ["-1 100000", undefined],
    ["", undefined],
  ])("reads the quota %j", (content, cpus) => {
    expect(readCpuMax(content)).toBe(cpus);
  });
});

const pair = {
  version: "3.13",
  withGil: interpreter({ version: [3, 13, 5] }),
  freeThreaded: interpreter({ version: [3, 13, 5], freeThreaded: true }),
};

interface Story {
  /** Milliseconds on one and on two threads without the GIL. */
  readonly free: readonly [number, number];
  /** The same of the loops over integers; on two cores each has as much to do. */
  readonly loops?: readonly [number, number];
  readonly processes?: readonly [number, number];
  /** Share of the wall time that is CPU time, on one thread. */
  readonly computing?: number;
  readonly probe?: Partial<ProbeReport>;
  readonly places?: readonly SharedPlace[];
  readonly mode?: "program" | "function-weak" | "function-strong";
}

/** What the reasons say about such figures on two idle cores. */
function kindsOf({ free, loops = [100, 100], processes, computing = 1, probe, places = [], mode }: Story) {
  const called = {
    name: "f",
    line: 1,
    arguments: "",
    calls: 10,
    ...(mode === "function-strong" && { splits: "n" }),
  };
  const plan = makePlan(
    "/p.py",
    [pair],
    { order: [0, 1], count: 2, load: 0 },
    {
      threads: [2],
      budgetMs: 1000,
      ...(mode && mode !== "program" && { mode, function: called }),
    },
  );
  const observed = (
    lane: string,
    [alone, wide]: readonly [number, number],
    cpu: (threads: number) => number,
  ) =>
    [1, 2].flatMap((threads) =>
      Array.from({ length: 6 }, (): Observation => {
        const wallNs = (threads === 1 ? alone : wide) * 1e6;
        const report = {
          gilAtStart: lane !== "3.13t",
          gilAtEnd: lane !== "3.13t",
          wallNs,
          cpuNs: wallNs * cpu(threads),
          childCpuNs: 0,
          peakBytes: 1 << 24,
          threadsStarted: threads,
          processesStarted: 0,
          culprit: null,
          asked: [],
          processMs: 0,
          warnedModule: undefined,
          outputBytes: 0,
          leftProcesses: 0,
        };
        return { lane, threads, report };
      }),
    );
  const samples = [
    ...observed("3.13", [free[0], free[0]], () => computing),
    ...observed("3.13t", free, (threads) => threads * computing),
    ...observed("3.13t-gil", [free[0], free[0]], () => computing),
    ...(processes ? observed("processes", processes, (threads) => threads) : []),
  ];
  const quiet: ProbeReport = { locks: [], collections: 0, collectingNs: 0, tasks: 0, wallNs: 1e9 };
  const measurement = {
    plan,
    warmUps: samples.filter(({ lane }) => lane === "3.13t"),
    samples,
    hardware: observed("hardware", loops, (threads) => Math.min(threads, (2 * loops[0]) / loops[1])),
    probe: { ...quiet, ...probe },
    listens: undefined,
    unavailable: new Map<string, string>(),
    rounds: 6,
  };
  const lanes = summarise(measurement);
  const evidence: Evidence = {
    measurement,
    lanes,
    hardware: summariseHardware(measurement),
    machine: { system: "s", cpu: "c", cpus: 2, loadBefore: 0, loadAfter: 0 },
    pairs: pairFigures(lanes),
    places,
  };
  const general: ReasonKind[] = ["single-thread-cost", "method", "lane-unavailable"];
  const reasons = findReasons(evidence).filter(({ kind }) => !general.includes(kind));
  return { kinds: reasons.map(({ kind }) => kind), reasons };
}

const lock: LockReport = {
  madeAt: "/p.py:3",
  waitedAt: "/p.py:9",
  acquired: 1000,
  contended: 600,
  waitedNs: 8e8,
  heldNs: 5e8,
};
const place: SharedPlace = {
  rule: "shared-object-in-hot-loop",
  symbol: "RATES",
  message: "m",
  link: { path: "/p.py", line: 14 },
  slows: true,
};

describe("reasons", () => {
  it("has nothing to explain where the cores are used", () => {
    expect(kindsOf({ free: [1000, 520] }).kinds).toEqual([]);
  });

  it("explains nothing by the program when the machine had no second core to give", () => {
    const { kinds } = kindsOf({ free: [1000, 1000], loops: [100, 200] });
    expect(kinds).toEqual(["hardware-limit"]);
  });

  it("links the lock that threads wait for, whatever the machine gave", () => {
    for (const loops of [
      [100, 100],
      [100, 200],
    ] as const) {
      const { reasons } = kindsOf({ free: [1000, 1000], loops, probe: { locks: [lock] } });
      expect(reasons[0]).toMatchObject({ kind: "hot-lock", link: { path: "/p.py", line: 9 } });
      expect(reasons[0]?.evidence).toContain("600 of them after waiting");
    }
  });

  it("does not blame a lock that is merely used", () => {
    const used = { ...lock, contended: 3, waitedNs: 1e6, heldNs: 1e7 };
    expect(kindsOf({ free: [1000, 1000], probe: { locks: [used] } }).kinds).toEqual(["contention"]);
  });

  it("links the shared object that the analysis knows", () => {
    const { reasons } = kindsOf({ free: [1000, 1000], places: [place] });
    expect(reasons[0]).toMatchObject({ kind: "shared-object", link: place.link });
  });

  it("takes a race for the cause only where the machine could have shown a gain", () => {
    const race = { ...place, slows: false, rule: "global-read-modify-write" };
    expect(kindsOf({ free: [1000, 1000], places: [race] }).kinds).toEqual(["shared-object"]);
    expect(kindsOf({ free: [1000, 1000], loops: [100, 200], places: [race] }).kinds).toEqual([
      "hardware-limit",
    ]);
  });

  it("concludes from processes that scale that threads share something", () => {
    const figures = { free: [1000, 2000], processes: [1000, 1000], mode: "function-weak" } as const;
    expect(kindsOf(figures).kinds).toContain("shared-object");
    expect(kindsOf({ ...figures, processes: [1000, 2000] }).kinds).not.toContain("shared-object");
  });

  it("names garbage collection by its share of the time", () => {
    const { reasons } = kindsOf({ free: [1000, 900], probe: { collections: 40, collectingNs: 3e8 } });
    expect(reasons[0]).toMatchObject({ kind: "garbage-collection" });
    expect(reasons[0]?.message).toContain("30 %");
  });

  it("names tasks that are too small", () => {
    expect(kindsOf({ free: [1000, 1000], probe: { tasks: 50_000 } }).kinds).toContain("small-tasks");
    expect(kindsOf({ free: [1000, 1000], probe: { tasks: 200 } }).kinds).not.toContain("small-tasks");
    const split = kindsOf({ free: [1, 1], mode: "function-strong" });
    expect(split.kinds).toContain("small-tasks");
  });

  it("tells waiting from having no core", () => {
    expect(kindsOf({ free: [1000, 1000], computing: 0.05 }).kinds).toEqual(["waits"]);
    const crowded = kindsOf({ free: [1000, 1000], computing: 0.45, loops: [100, 450] });
    expect(crowded.kinds).toEqual(["hardware-limit"]);
  });

  it("tells threads that wait for each other from threads that share objects", () => {
    expect(kindsOf({ free: [1000, 1000], computing: 0.6 }).kinds).toEqual(["serialised"]);
    expect(kindsOf({ free: [1000, 1000] }).kinds).toEqual(["contention"]);
  });
});
