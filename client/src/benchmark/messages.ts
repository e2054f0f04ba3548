/** What the benchmark's panel and its page say to each other, and what the page keeps over a reload. */
import type { Done } from "../../../server/src/bench/progress.ts";
import type { BenchResult } from "../../../server/src/bench/result.ts";

export interface BenchmarkState {
  /** File name, for the heading. */
  readonly title: string;
  readonly result: BenchResult;
  readonly done: Done;
}

export type ToPage = { readonly type: "show"; readonly state: BenchmarkState };

export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "copy"; readonly what: "markdown" | "commandLine" };

/** Read back from a window that may have been closed by an older version. */
export function isBenchmarkState(value: unknown): value is BenchmarkState {
  const state = value as Partial<BenchmarkState> | undefined;
  return (
    typeof state?.title === "string" &&
    state.result?.version === 1 &&
    Array.isArray(state.result.lanes) &&
    Array.isArray(state.done?.table?.groups)
  );
}
