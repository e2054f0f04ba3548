/** The decision table: which way out fits which figures. */
import { describe, expect, it } from "vitest";
import { type EscapeOption, escapesFor, type Fit } from "../src/bench/report/escapes.ts";
import type { BenchResult } from "../src/bench/result.ts";
import { flat, type LaneFigures, ordinary, reasonOf, resultOf, scaling } from "./benchSamples.ts";

const processes: LaneFigures = { id: "processes", medians: [1020, 560], peakMiB: 30 };
const subinterpreters: LaneFigures = { id: "subinterpreters", medians: [1050, 900] };
const pypy: LaneFigures = { id: "pypy", medians: [200, 210] };

function fits(result: BenchResult): Record<EscapeOption, Fit> {
  return Object.fromEntries(escapesFor(result).map(({ option, fit }) => [option, fit])) as Record<
    EscapeOption,
    Fit
  >;
}

function best(result: BenchResult): EscapeOption | undefined {
  return escapesFor(result).find((one) => one.best)?.option;
}

function because(result: BenchResult, option: EscapeOption): string {
  return escapesFor(result).find((one) => one.option === option)!.because;
}

const table: [string, BenchResult, Partial<Record<EscapeOption, Fit>>, EscapeOption | undefined][] = [
  ["threads that scale", resultOf([ordinary, scaling]), { threads: "fits", stay: "no" }, "threads"],
  [
    "threads that do not scale, for no known cause",
    resultOf([ordinary, flat]),
    { threads: "no", stay: "fits" },
    "stay",
  ],
  [
    "threads that a hot lock holds up",
    resultOf([ordinary, flat], { reasons: [reasonOf("hot-lock")] }),
    { threads: "later", stay: "fits" },
    "stay",
  ],
  [
    "threads that do not scale where processes do",
    resultOf([ordinary, flat, processes]),
    { threads: "no", processes: "fits", stay: "no" },
    "processes",
  ],
  [
    "processes clearly faster than threads that scale too",
    resultOf([ordinary, { ...scaling, medians: [1600, 820] }, processes]),
    { threads: "fits", processes: "fits" },
    "processes",
  ],
  [
    "processes hardly faster than threads: the smaller change is taken",
    resultOf([ordinary, { ...scaling, medians: [1100, 565] }, processes]),
    { threads: "fits", processes: "fits" },
    "threads",
  ],
  [
    "a compiler that beats all cores",
    resultOf([ordinary, scaling, processes, pypy]),
    { threads: "fits", pypy: "fits" },
    "pypy",
  ],
  [
    "sub-interpreters with a small gain",
    resultOf([ordinary, flat, subinterpreters]),
    { subinterpreters: "open" },
    undefined,
  ],
  [
    "an import that switches the GIL on",
    resultOf([
      ordinary,
      { ...flat, gilEnabled: true, more: { gilSwitchedOnBy: "old_extension" } },
      processes,
    ]),
    { threads: "later", processes: "fits", native: "open" },
    "processes",
  ],
  [
    "a program without threads",
    resultOf([ordinary, flat], { reasons: [reasonOf("no-threads")] }),
    { threads: "later", stay: "fits" },
    "stay",
  ],
  [
    "a program of processes",
    resultOf([ordinary, flat], { reasons: [reasonOf("uses-processes"), reasonOf("no-threads")] }),
    { threads: "later", processes: "no" },
    "stay",
  ],
  [
    "a program that waits",
    resultOf([ordinary, scaling, processes], { reasons: [reasonOf("waits")] }),
    { threads: "no", processes: "no", native: "no", stay: "fits" },
    "stay",
  ],
  [
    "a program that ends too soon",
    resultOf([ordinary, scaling], { reasons: [reasonOf("short-run")] }),
    { threads: "open", native: "no", stay: "open" },
    undefined,
  ],
  [
    "no gain on a busy machine",
    resultOf([ordinary, flat], { reasons: [reasonOf("noise")] }),
    { threads: "open", stay: "open" },
    undefined,
  ],
  [
    "a clear gain in spite of a busy machine",
    resultOf([ordinary, scaling], { reasons: [reasonOf("noise")] }),
    { threads: "fits", stay: "no" },
    "threads",
  ],
  ["one round", resultOf([ordinary, scaling], { rounds: 1 }), { threads: "open", stay: "open" }, undefined],
  [
    "wide intervals",
    resultOf([ordinary, { ...scaling, blur: 0.5 }]),
    { threads: "open", stay: "open" },
    undefined,
  ],
];

describe("which way out fits", () => {
  it.each(table)("%s", (_, result, expected, chosen) => {
    expect(fits(result)).toMatchObject(expected);
    expect(best(result)).toBe(chosen);
  });

  it("counts the work of all workers in weak scaling", () => {
    const weak = { mode: "function-weak" } as const;
    // Twice the calls in the same time, against twice the calls in twice the time.
    const result = resultOf(
      [
        { id: "3.13", medians: [100, 200] },
        { id: "3.13t", medians: [110, 112] },
      ],
      weak,
    );
    expect(best(result)).toBe("threads");
    expect(because(result, "threads")).toContain("1.79 times as fast as 3.13");
  });

  it("names the figure, the memory and the culprit", () => {
    expect(because(resultOf([ordinary, flat, processes]), "processes")).toBe(
      "1.79 times as fast as 3.13 at its best, on 2 processes, with 150 % more memory; copying data between them is not in this figure.",
    );
    const culprit = resultOf([
      ordinary,
      { ...flat, gilEnabled: true, more: { gilSwitchedOnBy: "old_extension" } },
    ]);
    expect(because(culprit, "threads")).toContain("old_extension switches the GIL back on");
  });

  it("never calls better what was not measured, and says why it was not", () => {
    const result = resultOf([ordinary, flat], { unavailable: [{ id: "processes", reason: "no pickling" }] });
    expect(because(result, "processes")).toBe("Not measured: no pickling.");
    expect(fits(result)).toMatchObject({
      processes: "open",
      subinterpreters: "open",
      pypy: "open",
      native: "open",
    });
  });

  it("advises nothing when there is no pair of builds", () => {
    expect(escapesFor(resultOf([ordinary]))).toEqual([]);
  });
});
