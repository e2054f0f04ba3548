/** Shows how far a benchmark is: a bar on a terminal, a line per round elsewhere, JSON lines for the editor. */
import type { WriteStream } from "node:tty";
import { type BenchEvent, describeEvent } from "../bench/progress.ts";
import { drawnView } from "../bench/report/view.ts";

export const progressModes = ["auto", "bar", "plain", "json", "none"] as const;
export type ProgressMode = (typeof progressModes)[number];

const clearLine = "\r\u001b[2K";
const barWidth = 20;

export class BenchProgress {
  private readonly mode: Exclude<ProgressMode, "auto">;
  private line = "";
  private bar = "";

  constructor(
    mode: ProgressMode,
    private readonly stream: Pick<WriteStream, "write"> & { readonly isTTY?: boolean },
  ) {
    this.mode = mode === "auto" ? (stream.isTTY ? "bar" : "plain") : mode;
  }

  show(event: BenchEvent): void {
    switch (this.mode) {
      case "json": {
        const drawn = event.event === "partial" ? { ...event, drawn: drawnView(event) } : event;
        this.stream.write(`${JSON.stringify(drawn)}\n`);
        break;
      }
      case "bar":
        this.showBar(event);
        break;
      case "plain":
        this.showLine(plainLine(event));
    }
  }

  /** Rewrites its one line; phases between two runs keep the bar where it is. */
  private showBar(event: BenchEvent): void {
    if (event.event === "run") {
      this.bar = bar(event);
    }
    const over = event.event === "done" || event.event === "error";
    if (event.event !== "partial") {
      this.stream.write(clearLine + (over ? "" : this.bar + describeEvent(event)));
    }
  }

  private showLine(line: string | undefined): void {
    if (line !== undefined && line !== this.line) {
      this.line = line;
      this.stream.write(`${line}\n`);
    }
  }
}

function bar({ done, total }: Extract<BenchEvent, { event: "run" }>): string {
  const full = Math.min(barWidth, Math.round((done / total) * barWidth));
  return `${"█".repeat(full)}${"░".repeat(barWidth - full)} `;
}

/** One line per phase and round: a log is read afterwards, by people and by screen readers. */
function plainLine(event: BenchEvent): string | undefined {
  switch (event.event) {
    case "run":
      return event.round === 0 ? "Warming up" : `Round ${event.round}`;
    case "phase":
      return event.message;
    default:
      return undefined;
  }
}
