/** What audits remember between runs: declarations of binaries, by content, in a file of the user's cache folder. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { DeclarationCache } from "../binary/declarationCache.ts";
import { cacheHome } from "../environment/places.ts";
import type { Dependency } from "./dependencies/dependency.ts";
import { lockedIn } from "./dependencies/projectFiles.ts";
import { SourceCache } from "./importGraph.ts";
import { PackageFacts } from "./knowledge/packageFacts.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export class AuditMemory {
  readonly sources = new SourceCache();
  readonly declarations = new DeclarationCache();

  private constructor(
    readonly facts: PackageFacts,
    private readonly file: string | undefined,
  ) {}

  /** @param persistent false keeps everything in memory */
  static open(env: Environment, persistent: boolean): AuditMemory {
    const facts = PackageFacts.load(refreshedPath(env));
    const memory = new AuditMemory(facts, persistent ? join(folderOf(env), "declarations.json") : undefined);
    memory.#load();
    return memory;
  }

  /** What the lock files of these folders pin; the first folder's word counts. */
  locked(folders: readonly string[]): ReadonlyMap<string, Dependency> {
    const all = [...new Set(folders)].reverse().flatMap((folder) => [...lockedIn(folder)]);
    return new Map(all);
  }

  /** Writes what was learned. A cache that cannot be written is no failure. */
  close(): void {
    if (this.file === undefined || !this.declarations.changed) return;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const partial = `${this.file}.${process.pid}`;
      writeFileSync(partial, JSON.stringify(this.declarations.save()));
      renameSync(partial, this.file);
    } catch {
      // Read-only homes exist; the next run reads the binaries again.
    }
  }

  #load(): void {
    try {
      if (this.file !== undefined) this.declarations.load(JSON.parse(readFileSync(this.file, "utf8")));
    } catch {
      // None yet, or damaged: it is made anew.
    }
  }
}

/** Where `data refresh` keeps its rows. */
export function refreshedPath(env: Environment): string {
  return join(folderOf(env), "packages.json");
}

function folderOf(env: Environment): string {
  return join(cacheHome({ platform: process.platform, env, home: homedir() }), "threadproof", "imports");
}
