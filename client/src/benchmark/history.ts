/**
 * Earlier results, by file, in a folder of the workspace's storage: what a new run is compared with. Bounded; each is the
 * JSON that `threadproof bench --read` understands. Knows no editor.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchResult } from "../../../server/src/bench/result.ts";
import type { Target } from "./messages.ts";

/** Results kept of one file, and files kept. */
export const historyLimits = { results: 20, files: 100 };

export interface Remembered {
  /** Of the JSON. */
  readonly path: string;
  readonly result: BenchResult;
}

export class History {
  constructor(
    private readonly folder: string,
    private readonly limits = historyLimits,
  ) {}

  /** @returns the path it is kept at */
  async add(result: BenchResult): Promise<string> {
    const folder = this.folderOf(result.file);
    await mkdir(folder, { recursive: true });
    const path = join(folder, nameOf(result));
    await writeFile(`${path}.new`, JSON.stringify(result));
    await rename(`${path}.new`, path);
    const names = await results(folder);
    await Promise.all(
      names.slice(this.limits.results).map((name) => rm(join(folder, name), { force: true })),
    );
    await this.forgetFiles();
    return path;
  }

  /** Results of a file, newest first; those that cannot be read are left out. */
  async of(file: string): Promise<Remembered[]> {
    const folder = this.folderOf(file);
    const found = await Promise.all(
      (await results(folder)).map(async (name) => {
        const path = join(folder, name);
        const result = await readResult(path);
        return result?.file === file ? [{ path, result }] : [];
      }),
    );
    return found.flat();
  }

  /** The newest result of exactly this file or function. */
  async latest({ file, function: name }: Target): Promise<Remembered | undefined> {
    return (await this.of(file)).find(({ result }) => result.function?.name === name);
  }

  private folderOf(file: string): string {
    return join(this.folder, createHash("sha256").update(file).digest("hex").slice(0, 16));
  }

  private async forgetFiles(): Promise<void> {
    const names = await readdir(this.folder);
    if (names.length <= this.limits.files) {
      return;
    }
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.folder, name))).mtimeMs })),
    );
    dated.sort((a, b) => b.at - a.at);
    const forgotten = dated.slice(this.limits.files);
    await Promise.all(
      forgotten.map(({ name }) => rm(join(this.folder, name), { recursive: true, force: true })),
    );
  }
}

/** Names sort by time. */
function nameOf({ startedAt, function: target }: BenchResult): string {
  const suffix = target ? `~${encodeURIComponent(target.name)}` : "";
  return `${startedAt.replaceAll(":", "-")}${suffix}.json`;
}

/** Newest first. */
async function results(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .reverse();
}

async function readResult(path: string): Promise<BenchResult | undefined> {
  try {
    const result = JSON.parse(await readFile(path, "utf8")) as BenchResult;
    return result?.version === 1 && Array.isArray(result.lanes) ? result : undefined;
  } catch {
    return undefined;
  }
}
