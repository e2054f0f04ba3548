/** Shows how far a benchmark is: one line that is rewritten on a terminal, JSON lines for the editor. */
import type { WriteStream } from "node:tty";
import { type BenchEvent, describeEvent } from "../bench/progress.ts";

export type ProgressMode = "auto" | "json" | "none";

const clearLine = "\r\u001b[2K";
const barWidth = 20;

export class BenchProgress {
  constructor(
    private readonly mode: ProgressMode,
    private readonly stream: Pick<WriteStream, "write"> & { readonly isTTY?: boolean },
  ) {}

  show(event: BenchEvent): void {
    if (this.mode === "json") {
      this.stream.write(`${JSON.stringify(event)}\n`);
    } else if (this.mode === "auto" && this.stream.isTTY) {
      const over = event.event === "done" || event.event === "error";
      this.stream.write(clearLine + (over ? "" : bar(event) + describeEvent(event)));
    }
  }
}

function bar(event: BenchEvent): string {
  if (event.event !== "run") {
    return "";
  }
  const full = Math.round((event.done / event.total) * barWidth);
  return `${"█".repeat(full)}${"░".repeat(barWidth - full)} `;
}
