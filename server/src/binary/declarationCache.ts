/** Keeps what extension modules declare, so that no file is read twice and equal files are kept once. */
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { type ExtensionModule, readExtensionFile } from "./extensionModule.ts";

const statementSchema = z.object({
  declaration: z.enum(["declared", "declared-not-safe", "undeclared", "unknown"]),
  basis: z.enum(["slot", "setgil", "no-slot", "single-phase", "export-hook", "none"]),
  detail: z.string(),
});

const moduleSchema = statementSchema.extend({
  from315: statementSchema.optional(),
  container: z.enum(["elf", "macho", "pe", "none"]),
  hooks: z.array(z.string()),
  abi: z.object({
    tag: z.string(),
    freeThreaded: z.boolean().optional(),
    soabi: z.string().optional(),
    pythonLibrary: z.string().optional(),
  }),
  isExtension: z.boolean(),
  architectures: z.array(z.string()),
});

/** Grows whenever the same bytes may be read differently than before. */
const version = 2;

const savedSchema = z.object({
  version: z.literal(version),
  /** By path: what `stat` said, and under which content the file is kept. */
  files: z.record(z.string(), z.object({ stamp: z.string(), content: z.string() })),
  /** By the digest of all bytes that were looked at, and the file's name, which says for which build it is. */
  contents: z.record(z.string(), moduleSchema),
});

/** What `save` gives and `load` takes: plain JSON. */
export type SavedDeclarations = z.infer<typeof savedSchema>;

/** More files than any environment has; the oldest are forgotten first. */
const manyFiles = 20_000;

/** Files that are open at the same time. */
const openFiles = 8;

/**
 * A file whose size, times and inode are unchanged is not opened. Any other is read again: that costs about a millisecond
 * and looks at some pages of the file only, while a digest of all its bytes would cost more than reading it.
 */
export class DeclarationCache {
  private readonly files = new Map<string, SavedDeclarations["files"][string]>();
  private readonly contents = new Map<string, ExtensionModule>();
  private unsaved = false;
  private lastTurn: Promise<void> = Promise.resolve();

  /** Like `readExtensionModule`, and as little able to throw. */
  async read(path: string): Promise<ExtensionModule> {
    const file = resolve(path);
    const stamp = await stampOf(file);
    const known = this.files.get(file);
    const kept = known && known.stamp === stamp ? this.contents.get(known.content) : undefined;
    if (kept) {
      return kept;
    }
    const { module, digest } = await readExtensionFile(file, () => this.nextTurn());
    if (stamp === undefined || digest === undefined) {
      return module;
    }
    const content = `${digest} ${basename(file)}`;
    this.contents.set(content, module);
    // Put at the end: the order is that of reading.
    this.files.delete(file);
    this.files.set(file, { stamp, content });
    this.unsaved = true;
    return module;
  }

  /** Several files, in the order given. */
  async readAll(paths: readonly string[]): Promise<ExtensionModule[]> {
    const modules: ExtensionModule[] = [];
    let next = 0;
    const work = async () => {
      while (next < paths.length) {
        const index = next++;
        modules[index] = await this.read(paths[index]!);
      }
    };
    await Promise.all(Array.from({ length: openFiles }, work));
    return modules;
  }

  /** Between any two turns the event loop gets to do other things, however many files are asked for at once. */
  private nextTurn(): Promise<void> {
    this.lastTurn = this.lastTurn.then(() => setImmediate());
    return this.lastTurn;
  }

  /** True when something was read that the last `save` or `load` does not know. */
  get changed(): boolean {
    return this.unsaved;
  }

  save(): SavedDeclarations {
    const files = [...this.files].slice(-manyFiles);
    const used = new Set(files.map(([, { content }]) => content));
    this.unsaved = false;
    return {
      version,
      files: Object.fromEntries(files),
      contents: Object.fromEntries([...this.contents].filter(([content]) => used.has(content))),
    };
  }

  /** Takes what `save` gave; anything else (of another version, damaged) is ignored. */
  load(saved: unknown): void {
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success) {
      return;
    }
    for (const [path, file] of Object.entries(parsed.data.files)) {
      this.files.set(path, file);
    }
    for (const [content, module] of Object.entries(parsed.data.contents)) {
      const { abi: saved, from315, ...rest } = module;
      const { freeThreaded, tag, ...others } = saved;
      const abi: ExtensionModule["abi"] = { tag, freeThreaded };
      Object.assign(abi, others);
      this.contents.set(content, { ...rest, abi, ...(from315 && { from315 }) });
    }
  }
}

/** Undefined for what is no file. */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { size, mtimeNs, ctimeNs, ino, dev } = await stat(path, { bigint: true });
    return [size, mtimeNs, ctimeNs, ino, dev].join(" ");
  } catch {
    return undefined;
  }
}
