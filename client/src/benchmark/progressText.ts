/** Turns benchmark events into steps of a progress notification. Knows no editor. */
import type { BenchEvent } from "../../../server/src/bench/progress.ts";

export interface ProgressStep {
  readonly message: string;
  /** Percent since the step before. */
  readonly increment: number;
}

export class ProgressText {
  private percent = 0;

  next(event: BenchEvent): ProgressStep {
    if (event.event !== "run") {
      return { message: event.event === "phase" ? event.message : "", increment: 0 };
    }
    const percent = (event.done / event.total) * 100;
    const increment = Math.max(0, percent - this.percent);
    this.percent += increment;
    const where = `${event.lane}, ${event.threads} ${event.threads === 1 ? "thread" : "threads"}`;
    return { message: event.round === 0 ? `warm-up: ${where}` : `round ${event.round}: ${where}`, increment };
  }
}
