/** Reads a stream to its end and keeps only its last part, so that a flood neither fills memory nor blocks the writer. */
import type { Readable } from "node:stream";

/** What is kept of one stream, bytes. */
export const outputCap = 1 << 20;

export class CappedOutput {
  private chunks: Buffer[] = [];
  private kept = 0;
  /** Bytes seen. */
  total = 0;

  constructor(stream: Readable) {
    stream.on("data", (chunk: Buffer) => this.add(chunk));
    // The reader may be torn down while the writer still writes.
    stream.on("error", () => {});
  }

  private add(chunk: Buffer): void {
    this.total += chunk.length;
    this.kept += chunk.length;
    this.chunks.push(chunk);
    while (this.kept - this.chunks[0]!.length >= outputCap) {
      this.kept -= this.chunks.shift()!.length;
    }
  }

  /** The end of what was written; bytes that are no UTF-8 become replacement characters. */
  get text(): string {
    return Buffer.concat(this.chunks).subarray(-outputCap).toString("utf8");
  }
}

/** The last lines of a text, without the blank ones at its end. */
export function tail(text: string, lines: number): string {
  return text.trimEnd().split(/\r?\n/).slice(-lines).join("\n");
}
