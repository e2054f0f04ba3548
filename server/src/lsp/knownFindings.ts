/** Keeps back the findings that a baseline file knows. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Baseline } from "../baseline/baseline.ts";
import { readBaseline } from "../baseline/baselineFile.ts";
import type { Finding } from "../findings/finding.ts";

export class KnownFindings {
  readonly #loaded = new Map<string, { readonly stamp: string; readonly baseline: Baseline | undefined }>();

  /** @param warn told once for each state of a file why it cannot be used */
  constructor(private readonly warn: (message: string) => void) {}

  /**
   * The findings that are new.
   * @param baseline path of the baseline file in force, absolute; undefined when there is none
   */
  fresh(path: string, findings: Finding[], text: string, baseline: string | undefined): Finding[] {
    if (baseline === undefined || findings.length === 0) return findings;
    return this.#load(baseline)?.sift(path, findings, text).fresh ?? findings;
  }

  /** Reads the file again only when its time or size has changed. */
  #load(path: string): Baseline | undefined {
    const stats = statSync(path, { throwIfNoEntry: false });
    const stamp = `${stats?.mtimeMs} ${stats?.size}`;
    const known = this.#loaded.get(path);
    if (known?.stamp === stamp) return known.baseline;
    let baseline: Baseline | undefined;
    try {
      baseline = readBaseline(path);
    } catch (error) {
      this.warn(error instanceof Error ? error.message : String(error));
    }
    this.#loaded.set(path, { stamp, baseline });
    return baseline;
  }
}

/**
 * Where a baseline lies that a setting names: relative to the workspace folder around the file.
 * @returns undefined when nothing is named, or the file lies in no folder
 */
export function baselineSetting(
  setting: string,
  path: string,
  folders: readonly string[],
): string | undefined {
  const folder = folders.find((it) => path.startsWith(`${it.replace(/\/$/, "")}/`));
  return setting === "" || folder === undefined ? undefined : resolve(folder, setting).replaceAll("\\", "/");
}
