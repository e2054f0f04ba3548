// A copy of a project in which files are changed for one test run and put back behind it.
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export class ProjectCopy {
  /** The copy's own place. */
  readonly folder: string;

  constructor(private readonly original: string) {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), "fix-trial-")));
    // Caches are left behind: they are told stale by size and second only, and a change may leave both as they are.
    const isWanted = (file: string) => !["__pycache__", ".git"].includes(path.basename(file));
    process.once("exit", () => this.remove());
    cpSync(original, this.folder, { recursive: true, filter: isWanted });
  }

  /** Where the copy of a file is. */
  of(file: string): string {
    return path.join(this.folder, path.relative(this.original, file));
  }

  /** @param texts new texts by path of the original */
  async changed<T>(texts: ReadonlyMap<string, string>, run: () => Promise<T>): Promise<T> {
    for (const [file, text] of texts) writeFileSync(this.of(file), text);
    try {
      return await run();
    } finally {
      for (const file of texts.keys()) writeFileSync(this.of(file), readFileSync(file));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
