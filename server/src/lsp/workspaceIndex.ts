/**
 * Python files of the opened folders that are not open themselves, read in the background so that analysis crosses
 * files. Bounded in files, bytes and folders: an editor opened on a home directory must stay usable.
 */
import { setImmediate } from "node:timers/promises";
import type { FileEvent } from "vscode-languageserver";
import { FileChangeType } from "vscode-languageserver";
import type { StatusMethod, StatusParams } from "../protocol.ts";
import { findSources, isReached } from "../sources/findSources.ts";
import { readSource } from "../sources/readSource.ts";
import { ConfigurationFiles } from "./configurationFiles.ts";
import { isDiskPath, pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

const maxFiles = 5_000;
const maxBytes = 100_000_000;
const maxFileBytes = 1_000_000;
const maxDirectories = 20_000;

export class WorkspaceIndex {
  /** Path to size in bytes of the files read from disk. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #running: AbortController | undefined;
  /** What configuration files left out when the index was built. */
  #exclusions = "";

  constructor(
    private readonly session: Session,
    private readonly changed: () => void,
  ) {}

  /** Brings the index in line with folders and settings; a later call cancels an earlier one still running. */
  async build(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const { folders, settings, connection } = this.session;
    const wanted = settings.indexWorkspace ? folders : [];
    let stopped: string | undefined;
    const seen = new Set<string>();
    if (wanted.length > 0) {
      this.#announce({ state: "indexing", files: this.#files });
      const progress = await connection.window.createWorkDoneProgress();
      progress.begin("Threadproof: reading Python files", undefined, undefined, true);
      progress.token.onCancellationRequested(() => {
        stopped = "reading the workspace was cancelled";
        running.abort();
      });
      const report = (files: number) => progress.report(`${files} files`);
      for (const folder of wanted) {
        // Not `stopped ??= await …`: that looks at `stopped` before it waits, and would forget a cancel.
        const limit = await this.#walk(folder, seen, running.signal, report);
        stopped ??= limit;
      }
      progress.done();
    }
    if (this.#running === running) {
      if (!running.signal.aborted) {
        this.#forgetAllBut(seen);
      }
      this.#exclusions = this.session.configurations.exclusions();
      this.#announce({ state: "ready", files: this.#files, ...(stopped && { limited: stopped }) });
      this.changed();
    }
  }

  /** Files appeared, changed or went on disk. */
  async filesChanged(events: readonly FileEvent[]): Promise<void> {
    for (const { uri, type } of events) {
      const path = pathOf(uri);
      if (ConfigurationFiles.isOne(path)) {
        this.session.configurations.changed(path);
      } else if (type === FileChangeType.Deleted) {
        this.#forgetTree(path);
      } else if (isDiskPath(path)) {
        await this.#reread(path);
      }
    }
    if (this.session.configurations.exclusions() !== this.#exclusions) {
      await this.build();
    }
    this.changed();
  }

  /** A document was closed: its file on disk counts again. */
  async closed(path: string): Promise<void> {
    if (isDiskPath(path)) {
      await this.#reread(path);
    }
    this.changed();
  }

  async #reread(path: string): Promise<void> {
    const { folders, settings } = this.session;
    const isWanted = !this.session.configurations.excludes(path);
    const belongs =
      this.#sizes.has(path) || (isWanted && !this.#full && (await reachedFromAny(folders, path)));
    if (settings.indexWorkspace && belongs) {
      await this.#read(path);
    }
  }

  get #full(): boolean {
    return this.#sizes.size >= maxFiles || this.#bytes >= maxBytes;
  }

  get #files(): number {
    return new Set([...this.#sizes.keys(), ...this.session.openPaths()]).size;
  }

  /** @returns why it stopped before the end, if it did. */
  async #walk(
    folder: string,
    seen: Set<string>,
    signal: AbortSignal,
    report: (files: number) => void,
  ): Promise<string | undefined> {
    let directories = 0;
    const onDirectory = () => ++directories <= maxDirectories;
    for await (const found of findSources(folder, { signal, onDirectory })) {
      if (signal.aborted) {
        return undefined;
      }
      if (this.#full) {
        return `the workspace holds more than ${maxFiles} Python files or ${maxBytes / 1_000_000} MB`;
      }
      const path = found.replaceAll("\\", "/");
      if (this.session.configurations.excludes(path)) {
        continue;
      }
      seen.add(path);
      await this.#read(path);
      if (seen.size % 50 === 0) {
        report(seen.size);
      }
      // Requests wait in the event loop's input phase; this lets them in between two files.
      await setImmediate();
    }
    return directories > maxDirectories
      ? `the workspace holds more than ${maxDirectories} folders`
      : undefined;
  }

  async #read(path: string): Promise<void> {
    const source = await readSource(path, maxFileBytes);
    this.#drop(path);
    if (source.kind === "read") {
      this.#sizes.set(path, source.bytes);
      this.#bytes += source.bytes;
      this.session.readFile(path, source.text);
    } else {
      this.session.forgetFile(path);
    }
  }

  #drop(path: string): void {
    this.#bytes -= this.#sizes.get(path) ?? 0;
    this.#sizes.delete(path);
  }

  #forget(path: string): void {
    this.#drop(path);
    this.session.forgetFile(path);
  }

  /** A deleted folder is reported as one event, without its files. */
  #forgetTree(path: string): void {
    for (const known of [...this.#sizes.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) {
        this.#forget(known);
      }
    }
  }

  #forgetAllBut(seen: ReadonlySet<string>): void {
    for (const known of [...this.#sizes.keys()]) {
      if (!seen.has(known)) {
        this.#forget(known);
      }
    }
  }

  #announce(status: StatusParams): void {
    const method: StatusMethod = "threadproof/status";
    void this.session.connection.sendNotification(method, status);
  }
}

async function reachedFromAny(folders: readonly string[], path: string): Promise<boolean> {
  for (const folder of folders) {
    if (await isReached(folder, path)) {
      return true;
    }
  }
  return false;
}
