import { describe, expect, it } from "vitest";
import { commandLineFor } from "../src/bench/commandLine.ts";
import { defaultThreads, physicalFirst, readCpuList } from "../src/bench/cores.ts";
import { makePlan, roundOrder } from "../src/bench/plan.ts";
import type { Lane } from "../src/bench/result.ts";
import { medianInterval } from "../src/bench/statistics.ts";
import { type Circumstances, writeVerdict } from "../src/bench/verdict.ts";
import { laneOf, resultOf, weakLaneOf } from "./benchSamples.ts";
import { interpreter } from "./environmentSamples.ts";

function lane(id: string, gilEnabled: boolean, medians: readonly number[]): Lane {
  return laneOf({ id, gilEnabled, medians, blur: 0 });
}

describe("statistics", () => {
  it("takes the whole range while there are too few values", () => {
    expect(medianInterval([5, 1, 9, 3, 2])).toEqual({ median: 3, low: 1, high: 9 });
  });

  it("drops outliers from the interval when there are enough values", () => {
    // Known: for n = 9 the 95 % interval of the median runs from the 2nd to the 8th value.
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 100])).toEqual({ median: 5, low: 2, high: 8 });
  });
});

describe("cores", () => {
  it("reads the kernel's lists", () => {
    expect(readCpuList("0-2,5\n")).toEqual([0, 1, 2, 5]);
    expect(readCpuList("")).toEqual([]);
  });

  it("takes one hyper-thread of each core first", () => {
    const siblings = [
      [0, 2],
      [1, 3],
      [0, 2],
      [1, 3],
    ];
    expect(physicalFirst([0, 1, 2, 3], siblings)).toEqual([0, 1, 2, 3]);
    expect(
      physicalFirst(
        [0, 1, 2, 3],
        [
          [0, 1],
          [0, 1],
          [2, 3],
          [2, 3],
        ],
      ),
    ).toEqual([0, 2, 1, 3]);
  });

  it.each([
    [1, [1]],
    [2, [1, 2]],
    [6, [1, 2, 4, 6]],
    [8, [1, 2, 4, 8]],
  ])("offers counts for %i cores", (count, counts) => {
    expect(defaultThreads(count)).toEqual(counts);
  });
});

describe("plan", () => {
  const pair = {
    version: "3.14",
    withGil: interpreter({ version: [3, 14, 1] }),
    freeThreaded: interpreter({ version: [3, 14, 1], freeThreaded: true }),
  };
  const plan = makePlan(
    "/x.py",
    [pair],
    { order: [0, 1], count: 2, load: 0 },
    { threads: [4, 2], budgetMs: 1000 },
  );

  it("names lanes after versions and always measures one thread", () => {
    expect(plan.lanes.map(({ id }) => id)).toEqual(["3.14", "3.14t", "3.14t-gil"]);
    expect(plan.threads).toEqual([1, 2, 4]);
  });

  it("turns the order round every other time", () => {
    expect(roundOrder(plan, 2)).toEqual(roundOrder(plan, 1).reverse());
  });
});

/** The same lane with every interval so much wider, as a share of the median. */
function blurred(sharp: Lane, by: number): Lane {
  const samples = sharp.samples.map((sample) => ({
    ...sample,
    lowMs: sample.medianMs * (1 - by),
    highMs: sample.medianMs * (1 + by),
  }));
  return { ...sharp, samples };
}

describe("verdict", () => {
  const quiet: Circumstances = { cores: 2, busy: false, culprits: new Map() };
  const busy = { ...quiet, busy: true };
  const ordinary = lane("3.13", true, [100, 101]);
  const scaling = lane("3.13t", false, [120, 61]);
  const flat = lane("3.13t", false, [150, 160]);
  const sentences = (verdict: string) => verdict.match(/[.!?](\s|$)/g);

  const sure: [string, Lane[], RegExp][] = [
    ["scales", [ordinary, scaling], /^Scales .*1\.97 times as fast on 2 .*1\.64 times as fast as 3\.13/],
    ["does not scale", [ordinary, flat], /^Does not scale yet.*0\.94 times/],
    [
      "scales and is still slower",
      [ordinary, lane("3.13t", false, [400, 205])],
      /^Scales .*yet takes 2\.05 times as long as 3\.13/,
    ],
    ["scales although times vary a little", [ordinary, blurred(scaling, 0.1)], /^Scales /],
    ["does not scale although times vary a little", [ordinary, blurred(flat, 0.1)], /^Does not scale/],
    ["has its GIL on", [ordinary, lane("3.13t", true, [150, 160])], /the GIL was on/],
  ];
  it.each(sure)("is one short sentence about a program that %s", (_, lanes, expected) => {
    const verdict = writeVerdict(lanes, [], quiet);
    expect(verdict).toMatch(expected);
    expect(sentences(verdict)).toHaveLength(1);
    expect(verdict.length).toBeLessThanOrEqual(140);
  });

  const unsure: [string, Lane[], Circumstances, RegExp][] = [
    ["a busy machine without a gain", [ordinary, flat], busy, /0\.94 times.*close other programs/],
    [
      "intervals with no gain and the ideal in them",
      [ordinary, blurred(flat, 0.4)],
      quiet,
      /0\.94 times as fast on 2 threads \(0\.40 to 2\.19\).*measure for longer/,
    ],
    [
      "a gain that may be none",
      [ordinary, blurred(lane("3.13t", false, [150, 110]), 0.2)],
      quiet,
      /1\.36 times.*\(0\.91 to 2\.05\)/,
    ],
    ["one core only", [ordinary, flat], { ...quiet, cores: 1 }, /on one core only/],
    ["one thread only", [lane("3.13", true, [100]), lane("3.13t", false, [120])], quiet, /on one core only/],
  ];
  it.each(unsure)("claims nothing from %s", (_, lanes, circumstances, expected) => {
    const verdict = writeVerdict(lanes, [], circumstances);
    expect(verdict).toMatch(/^This run does not tell /);
    expect(verdict).toMatch(expected);
    expect(sentences(verdict)).toHaveLength(1);
    expect(verdict).not.toMatch(/^(Scales|Does not scale)/);
  });

  it("claims a gain on a busy machine only when its whole interval shows it, and says so", () => {
    expect(writeVerdict([ordinary, scaling], [], busy)).toMatch(
      /^Scales .*though other programs were running\.$/,
    );
    const doubtful = writeVerdict([ordinary, blurred(scaling, 0.3)], [], busy);
    expect(doubtful).toMatch(/^This run does not tell .*on a busy machine/);
  });

  it("claims nothing from a run that is too short", () => {
    const verdict = writeVerdict([ordinary, flat], [{ kind: "short-run", message: "x" }], quiet);
    expect(verdict).toMatch(/^This run does not tell .*a second of work\.$/);
  });

  it("knows without measuring time that a program starts no threads", () => {
    const noThreads = { kind: "no-threads", message: "x" } as const;
    expect(writeVerdict([ordinary, flat], [noThreads], quiet)).toMatch(/no threads, and .*1\.50 times/);
    expect(writeVerdict([ordinary, flat], [noThreads], busy)).toMatch(/it starts no threads\.$/);
  });

  it("speaks of work, not of time, when every worker has calls of its own", () => {
    const weak: Circumstances = { ...quiet, mode: "function-weak" };
    // Twice the work: in twice the time, and in nearly the same.
    const lanes = [
      { id: "3.13", medians: [100, 200] },
      { id: "3.13t", medians: [120, 122] },
    ].map(weakLaneOf);
    const verdict = writeVerdict(lanes, [], weak);
    expect(verdict).toMatch(/^Scales .*3\.13t does 1\.97 times as much work on 2 threads as on one/);
    expect(verdict).toMatch(/1\.64 times as much as 3\.13 at its best\.$/);
  });

  it("names the module that it is told, not one from a label", () => {
    const labelled = { ...lane("3.13t", true, [150, 160]), label: "3.13t, GIL switched on by label_module" };
    const told = { ...busy, culprits: new Map([["3.13t", "told_module"]]) };
    expect(writeVerdict([ordinary, labelled], [], told)).toContain("importing told_module switches");
    expect(writeVerdict([ordinary, labelled], [], quiet)).not.toContain("label_module");
  });
});

describe("what is copied", () => {
  const result = resultOf([{ id: "3.13", medians: [100, 101] }]);

  it("reproduces builds and thread counts, quoted for a shell", () => {
    expect(commandLineFor("/a b/it's.py", result, 60)).toBe(
      "threadproof bench --threads 1,2 --python /py/3.13 --budget 60 '/a b/it'\\''s.py'",
    );
  });
});
