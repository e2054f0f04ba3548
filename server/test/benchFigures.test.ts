import { describe, expect, it } from "vitest";
import { commandLineFor } from "../src/bench/commandLine.ts";
import { defaultThreads, physicalFirst, readCpuList } from "../src/bench/cores.ts";
import { makePlan, roundOrder } from "../src/bench/plan.ts";
import { reportMarkdown } from "../src/bench/report/markdown.ts";
import type { BenchResult, Lane } from "../src/bench/result.ts";
import { medianInterval } from "../src/bench/statistics.ts";
import { writeVerdict } from "../src/bench/verdict.ts";
import { interpreter } from "./environmentSamples.ts";

function lane(id: string, gilEnabled: boolean, medians: readonly number[]): Lane {
  return {
    id,
    label: id,
    python: `/py/${id}`,
    pythonVersion: "3.13.5",
    freeThreaded: id.includes("t"),
    gilEnabled,
    samples: medians.map((medianMs, index) => {
      const threads = index + 1;
      const speedup = medians[0]! / medianMs;
      return {
        threads,
        medianMs,
        lowMs: medianMs,
        highMs: medianMs,
        speedup,
        efficiency: speedup / threads,
        peakMiB: 9,
      };
    }),
  };
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

describe("verdict", () => {
  const cases: [string, Lane[], RegExp][] = [
    [
      "scaling",
      [lane("3.13", true, [100, 100]), lane("3.13t", false, [120, 61])],
      /^Scales .*1\.97 times.*1\.64 times as fast as 3\.13/,
    ],
    [
      "not scaling",
      [lane("3.13", true, [100, 101]), lane("3.13t", false, [150, 160])],
      /^Does not scale yet.*0\.94 times.*1\.50 times as long/,
    ],
    [
      "scaling and still slower",
      [lane("3.13", true, [100, 101]), lane("3.13t", false, [400, 205])],
      /still slower than 3\.13/,
    ],
    ["GIL on", [lane("3.13", true, [100, 101]), lane("3.13t", true, [150, 160])], /the GIL was on/],
  ];
  it.each(cases)("is one sentence about a program %s", (_, lanes, expected) => {
    const verdict = writeVerdict(lanes, []);
    expect(verdict).toMatch(expected);
    expect(verdict.match(/[.!?](\s|$)/g)).toHaveLength(1);
  });

  it("warns when times vary", () => {
    const [, lanes] = cases[0]!;
    expect(writeVerdict(lanes, [{ kind: "noise", message: "x" }])).toMatch(/^To be taken with care/);
  });
});

describe("what is copied", () => {
  const result: BenchResult = {
    version: 1,
    lanes: [lane("3.13", true, [100, 101])],
    verdict: "v",
    reasons: [],
  };

  it("reproduces builds and thread counts, quoted for a shell", () => {
    expect(commandLineFor("/a b/it's.py", result, 60)).toBe(
      "threadproof bench --threads 1,2 --python /py/3.13 --budget 60 '/a b/it'\\''s.py'",
    );
  });

  it("is a Markdown table", () => {
    expect(reportMarkdown(result, "x.py", "cmd")).toContain("| 3.13 | 2 | 101.0 ms |");
  });
});
