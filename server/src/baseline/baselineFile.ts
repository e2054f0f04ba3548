// Baselines on disk.
import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { Baseline, BaselineFault } from "./baseline.ts";

/**
 * @param path absolute, with forward slashes
 * @throws BaselineFault when the file is not there or is no baseline
 */
export function readBaseline(path: string): Baseline {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BaselineFault(
      code === "ENOENT" ? `${path}: there is no such baseline; --write-baseline makes one` : message,
    );
  }
  return Baseline.parse(path, text);
}

/** @throws the system's error when the file cannot be written */
export function writeBaseline(path: string, baseline: Baseline): void {
  writeFileSync(path, baseline.toString());
}

/** A baseline without entries for a file that is to be written. */
export function emptyBaseline(path: string): Baseline {
  return new Baseline(posix.dirname(path));
}
