/** What a running benchmark shows on a terminal, in a log and to the editor. */
import { describe, expect, it } from "vitest";
import type { BenchEvent } from "../src/bench/progress.ts";
import { viewOf } from "../src/bench/report/view.ts";
import { BenchProgress, type ProgressMode } from "../src/cli/benchProgress.ts";
import { ordinary, resultOf, scaling } from "./benchSamples.ts";

const result = resultOf([ordinary, scaling]);
const run = (done: number, round: number): BenchEvent => ({
  event: "run",
  done,
  total: 8,
  lane: "3.13t",
  threads: 2,
  round,
});
const events: BenchEvent[] = [
  { event: "phase", message: "Looking for interpreters" },
  run(2, 0),
  run(4, 1),
  run(6, 1),
  { event: "partial", round: 1, lanes: result.lanes },
  { event: "phase", message: "Counting" },
  run(8, 2),
  { event: "done", view: viewOf(result) },
];

function written(mode: ProgressMode, isTTY: boolean): string[] {
  const writes: string[] = [];
  const stream = { isTTY, write: (text: string) => writes.push(text) > 0 };
  const progress = new BenchProgress(mode, stream as ConstructorParameters<typeof BenchProgress>[1]);
  for (const event of events) {
    progress.show(event);
  }
  return writes;
}

describe("progress", () => {
  it("is a bar in one line on a terminal, gone in the end", () => {
    const lines = written("auto", true).map((text) => text.replace("\r\u001b[2K", "|"));
    expect(lines.every((text) => text.startsWith("|") && !text.includes("\n"))).toBe(true);
    const widths = lines.map((text) => text.match(/█/g)?.length ?? 0);
    expect(widths).toEqual([0, 5, 10, 15, 15, 20, 0]);
    expect(lines.at(-1)).toBe("|");
  });

  it("is a line per phase and round elsewhere", () => {
    const lines = ["Looking for interpreters\n", "Warming up\n", "Round 1\n", "Counting\n", "Round 2\n"];
    expect(written("auto", false)).toEqual(lines);
    expect(written("plain", true)).toEqual(lines);
  });

  it("is JSON for the editor, with the pictures of every round", () => {
    const told = written("json", true).map((line) => JSON.parse(line));
    expect(told.map(({ event }) => event)).toEqual(events.map(({ event }) => event));
    expect(told[4].drawn.pictures[0].summary).toContain("3.13t: 1.00 on 1");
    expect(told.at(-1).view.answer).toBe(result.verdict);
  });

  it("can be nothing", () => {
    expect(written("none", true)).toEqual([]);
  });
});
