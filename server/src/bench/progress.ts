/** What a running benchmark tells whoever waits for it; `--progress json` prints one event a line on stderr. */

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
  /** Ends a successful benchmark; what a reader may want to copy. */
  | { readonly event: "done"; readonly markdown: string; readonly commandLine: string }
  /** Ends a failed one. */
  | { readonly event: "error"; readonly message: string };

export type OnEvent = (event: BenchEvent) => void;

/** One line for a person. */
export function describeEvent(event: BenchEvent): string {
  switch (event.event) {
    case "phase":
      return event.message;
    case "run": {
      const where = `${event.lane} on ${event.threads} ${event.threads === 1 ? "core" : "cores"}`;
      return event.round === 0 ? `Warm-up: ${where}` : `Round ${event.round}: ${where}`;
    }
    case "done":
      return "Done";
    case "error":
      return event.message;
  }
}
