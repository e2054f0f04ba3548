/** What changed between two results of the same program, as far as their intervals tell. Pure. */
import type { BenchResult, Lane, Sample } from "../result.ts";
import { gainOf, onThreads, times } from "./ratios.ts";
import { duration } from "./table.ts";

export const comparisonHead = ["Build", "Threads", "Before", "Now", "Change", "Clear"] as const;

export interface Comparison {
  /** One sentence: what became faster or slower. */
  readonly answer: string;
  readonly head: readonly string[];
  /** One row per lane and thread count that both results have. */
  readonly rows: readonly (readonly string[])[];
}

interface Change {
  readonly lane: Lane;
  readonly before: Sample;
  readonly now: Sample;
  /** How many times as fast as before. */
  readonly factor: number;
  readonly clear: boolean;
}

/** @param before the earlier result */
export function compareResults(before: BenchResult, now: BenchResult): Comparison {
  const changes = before.mode === now.mode ? changesOf(before, now) : [];
  const rows = changes.map(({ lane, before: old, now: fresh, factor, clear }) => [
    lane.label,
    String(fresh.threads),
    duration(old.medianMs),
    duration(fresh.medianMs),
    changeText(factor),
    clear ? (factor > 1 ? "faster" : "slower") : "within the noise",
  ]);
  return { answer: sentence(changes), head: comparisonHead, rows };
}

function changesOf(before: BenchResult, now: BenchResult): Change[] {
  return now.lanes.flatMap((lane) => {
    const earlier = before.lanes.find(({ id }) => id === lane.id);
    return lane.samples.flatMap((sample): Change[] => {
      const old = earlier?.samples.find(({ threads }) => threads === sample.threads);
      if (!old) {
        return [];
      }
      const { factor, low, high } = gainOf(old, sample, now.mode);
      return [{ lane, before: old, now: sample, factor, clear: low > 1 || high < 1 }];
    });
  });
}

function changeText(factor: number): string {
  const percent = Math.round((1 / factor - 1) * 100);
  return percent === 0 ? "same time" : `${Math.abs(percent)} % ${percent < 0 ? "less" : "more"} time`;
}

/** Speaks of the free-threaded build on most threads, which is what changes are made for. */
function sentence(changes: readonly Change[]): string {
  const told = changes.filter(({ lane }) => lane.freeThreaded && !lane.gilEnabled).at(-1) ?? changes.at(-1);
  if (!told) {
    return "The two results have no build and thread count in common.";
  }
  const where = `${told.lane.id} on ${onThreads(told.now, told.lane.workers)}`;
  if (!told.clear) {
    return `No clear change since the run before: ${where} takes ${duration(told.now.medianMs)}, before ${duration(told.before.medianMs)}.`;
  }
  return told.factor > 1
    ? `Faster than in the run before: ${where} is ${times(told.factor)} as fast.`
    : `Slower than in the run before: ${where} takes ${times(1 / told.factor)} as long.`;
}
