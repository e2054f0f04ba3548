/**
 * What each panel shows, on disk: the editor itself keeps a page's state only now and then, so a reload right after a
 * change would bring back what was shown before. Knows no editor.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isKeptState, type KeptState, type Target } from "./messages.ts";

export class PanelMemory {
  /** Writes follow each other, so that the last one wins. */
  private turn: Promise<void> = Promise.resolve();

  /** @param onFault told of what could not be kept; a panel works without */
  constructor(
    private readonly folder: string,
    private readonly onFault: (error: unknown) => void,
  ) {}

  keep(state: KeptState): Promise<void> {
    return this.inTurn(async () => {
      await mkdir(this.folder, { recursive: true });
      const path = this.pathOf(state.target);
      await writeFile(`${path}.new`, JSON.stringify(state));
      await rename(`${path}.new`, path);
    });
  }

  forget(target: Target): Promise<void> {
    return this.inTurn(() => rm(this.pathOf(target), { force: true }));
  }

  async recall(target: Target): Promise<KeptState | undefined> {
    await this.turn;
    try {
      const state: unknown = JSON.parse(await readFile(this.pathOf(target), "utf8"));
      return isKeptState(state) ? state : undefined;
    } catch {
      return undefined;
    }
  }

  private pathOf(target: Target): string {
    return join(this.folder, `${createHash("sha256").update(keyOf(target)).digest("hex").slice(0, 16)}.json`);
  }

  private inTurn(action: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(action).catch(this.onFault);
    return this.turn;
  }
}

/** The same for the same target, different otherwise. */
export function keyOf({ file, function: name = "" }: Target): string {
  return `${name}\n${file}`;
}
