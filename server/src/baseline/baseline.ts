// The findings that a code base is known to have, so that only new ones are told. An entry names a finding by what
// it says and by the statement it stands in, not by its line: code above it may come and go.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { z } from "zod";
import type { Finding } from "../findings/finding.ts";

const entrySchema = z.object({
  /** Relative to the folder of the baseline file, with forward slashes on every system. */
  path: z.string(),
  rule: z.string(),
  symbol: z.string(),
  function: z.string(),
  /** Digest of the statement's text without its white space. */
  statement: z.string(),
  /** How many findings look like this. */
  count: z.int().min(1),
});

const fileSchema = z.object({ version: z.literal(1), findings: z.array(entrySchema) });

type Entry = z.infer<typeof entrySchema>;

/** A baseline file cannot be used; the message says why and is all that the user needs. */
export class BaselineFault extends Error {}

export class Baseline {
  /** By file, then by what names a finding within it. */
  private readonly files = new Map<string, Map<string, Entry>>();

  /**
   * @param folder of the baseline file, absolute with forward slashes
   */
  constructor(
    private readonly folder: string,
    entries: readonly Entry[] = [],
  ) {
    for (const entry of entries) this.add(entry);
  }

  /** @throws BaselineFault when the text is no baseline */
  static parse(path: string, text: string): Baseline {
    try {
      return new Baseline(posix.dirname(path), fileSchema.parse(JSON.parse(text)).findings);
    } catch (error) {
      if (error instanceof SyntaxError) throw new BaselineFault(`${path} is not JSON: ${error.message}`);
      if (!(error instanceof z.ZodError)) throw error;
      const [issue] = error.issues;
      throw new BaselineFault(
        `${path} is no baseline of this version: ${issue?.path.join(".")}: ${issue?.message}`,
      );
    }
  }

  /**
   * Parts one file's findings into those that are new and the number of those that are known.
   * @param path of the file, absolute with forward slashes
   * @param findings all of the file's, in order; of several that look alike the first are taken to be the known ones
   * @returns `fixed`: how many known findings are no longer there
   */
  sift(
    path: string,
    findings: readonly Finding[],
    text: string,
  ): { fresh: Finding[]; known: number; fixed: number } {
    const entries = this.files.get(this.relative(path)) ?? new Map<string, Entry>();
    const left = new Map([...entries].map(([key, { count }]) => [key, count]));
    const lines = text.split("\n");
    const fresh = findings.filter((finding) => {
      const key = keyOf(this.entry(path, finding, lines));
      const count = left.get(key) ?? 0;
      if (count > 0) left.set(key, count - 1);
      return count === 0;
    });
    const fixed = [...left.values()].reduce((sum, count) => sum + count, 0);
    return { fresh, known: findings.length - fresh.length, fixed };
  }

  /** Makes the findings of a file the known ones, in place of those known before. */
  replace(path: string, findings: readonly Finding[], text: string): void {
    this.files.delete(this.relative(path));
    const lines = text.split("\n");
    for (const finding of findings) this.add(this.entry(path, finding, lines));
  }

  /** Absolute paths of the files with known findings. */
  paths(): string[] {
    return [...this.files.keys()].map((path) => posix.join(this.folder, path));
  }

  /** Forgets a file; returns how many known findings it had. */
  forget(path: string): number {
    const entries = [...(this.files.get(this.relative(path))?.values() ?? [])];
    this.files.delete(this.relative(path));
    return entries.reduce((sum, { count }) => sum + count, 0);
  }

  /** The file's text: one line for each entry, in an order of its own, so that changes to it are small. */
  toString(): string {
    const entries = [...this.files.values()].flatMap((entriesOfFile) => [...entriesOfFile.values()]);
    const lines = entries.map((entry) => JSON.stringify(entry)).sort();
    const list = lines.length === 0 ? "[]" : `[\n    ${lines.join(",\n    ")}\n  ]`;
    return `{\n  "version": 1,\n  "findings": ${list}\n}\n`;
  }

  private add(entry: Entry): void {
    let entries = this.files.get(entry.path);
    if (entries === undefined) {
      entries = new Map();
      this.files.set(entry.path, entries);
    }
    const key = keyOf(entry);
    const count = (entries.get(key)?.count ?? 0) + entry.count;
    // Keys in a fixed order, whatever order the file had them in.
    const { path, rule, symbol, function: fn, statement } = entry;
    entries.set(key, { path, rule, symbol, function: fn, statement, count });
  }

  private entry(path: string, finding: Finding, lines: readonly string[]): Entry {
    const { rule, symbol, range } = finding;
    const statement = lines.slice(range.startLine, range.endLine + 1).join("\n");
    return {
      path: this.relative(path),
      rule,
      symbol,
      function: finding.function,
      statement: digest(statement),
      count: 1,
    };
  }

  private relative(path: string): string {
    return posix.relative(this.folder, path);
  }
}

function keyOf({ rule, symbol, function: fn, statement }: Entry): string {
  return JSON.stringify([rule, symbol, fn, statement]);
}

function digest(statement: string): string {
  return createHash("sha256").update(statement.replace(/\s+/g, "")).digest("hex").slice(0, 12);
}
