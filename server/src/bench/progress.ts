/** What a running benchmark tells whoever waits for it; `--progress json` prints one event a line on stderr. */
import type { InstallHelp } from "./report/installHelp.ts";
import type { DrawnView, ReportView } from "./report/view.ts";
import type { Lane } from "./result.ts";

export type BenchEvent =
  | { readonly event: "phase"; readonly message: string }
  | {
      readonly event: "run";
      /** Runs finished, and how many there will be at most; a time budget may end it earlier. */
      readonly done: number;
      readonly total: number;
      readonly lane: string;
      readonly threads: number;
      /** 0 for the warm-up. */
      readonly round: number;
    }
  /** After each round: what is known so far, in the result's shape, for a chart that grows. */
  | {
      readonly event: "partial";
      readonly round: number;
      readonly lanes: readonly Lane[];
      /** Added for those who draw. */
      readonly drawn?: DrawnView;
    }
  | Done
  /** Ends a failed one; `install` when builds to compare are missing. */
  | { readonly event: "error"; readonly message: string; readonly install?: InstallHelp };

/** Ends a successful benchmark: the result, ready to be shown. */
export interface Done {
  readonly event: "done";
  readonly view: ReportView;
}

export type OnEvent = (event: BenchEvent) => void;

/** One line for a person. */
export function describeEvent(event: BenchEvent): string {
  switch (event.event) {
    case "phase":
      return event.message;
    case "run": {
      const where = `${event.lane} on ${event.threads} ${event.threads === 1 ? "thread" : "threads"}`;
      return event.round === 0 ? `Warm-up: ${where}` : `Round ${event.round}: ${where}`;
    }
    case "partial":
      return `Round ${event.round} is done`;
    case "done":
      return "Done";
    case "error":
      return event.message;
  }
}
