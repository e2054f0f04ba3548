/** Turns a benchmark's events into what the page shows while it runs. Knows no editor. */
import type { BenchEvent } from "../../../server/src/bench/progress.ts";
import type { PageState } from "./messages.ts";

export type RunningState = Extract<PageState, { kind: "running" }>;

export class ProgressState {
  private state: RunningState;

  constructor(title: string, message: string) {
    this.state = { kind: "running", title, message, percent: 0 };
  }

  get now(): RunningState {
    return this.state;
  }

  next(event: BenchEvent): RunningState {
    this.state = { ...this.state, ...news(event, this.state.percent) };
    return this.state;
  }
}

function news(event: BenchEvent, percent: number): Partial<RunningState> {
  switch (event.event) {
    case "phase":
      return { message: event.message };
    case "run": {
      const lane = event.lane === "hardware" ? "this machine's limit" : event.lane;
      const where = `${lane}, ${event.threads} ${event.threads === 1 ? "thread" : "threads"}`;
      return {
        message: event.round === 0 ? `warm-up: ${where}` : `round ${event.round}: ${where}`,
        // The total is an estimate that may grow; a bar that goes back would look like a fault.
        percent: Math.max(percent, Math.min(100, Math.round((event.done / event.total) * 100))),
      };
    }
    case "partial":
      return event.drawn ? { drawn: event.drawn } : {};
    default:
      return {};
  }
}
