/** The offline knowledge about packages: rows of `server/data/packages.json`, and rows that the user had renewed. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { normalisedName } from "../../environment/distributions.ts";

const versions = z.partialRecord(z.enum(["3.13t", "3.14t", "3.15t"]), z.string());

/** One distribution with compiled code. Versions are those of the distribution, keys are builds of CPython. */
export const packageRow = z.strictObject({
  ft: z.enum(["supported", "partial", "unsupported", "unknown"]).optional(),
  /** A pure Python wheel is published too. */
  optional: z.literal(true).optional(),
  /** Platform wheels without an ABI tag: programs, ctypes or cffi libraries. */
  noExtensionByTag: z.literal(true).optional(),
  /** First version seen with a free-threaded wheel; the true one may be earlier, but later than `without`. */
  since: versions.optional(),
  without: versions.optional(),
  /** Last version seen with, first seen without again. */
  until: z.partialRecord(z.enum(["3.13t", "3.14t", "3.15t"]), z.tuple([z.string(), z.string()])).optional(),
  /** What importing does, where a source or a report says so. */
  gil: z.enum(["declared", "re-enables", "conflicting"]).optional(),
  declaredSince: z.string().optional(),
  /** First version the compatibility tracker lists as supporting. */
  tracked: z.string().optional(),
  classifier: z.string().optional(),
  latest: z
    .strictObject({
      version: z.string(),
      date: z.string(),
      tags: z.array(z.string()),
      pure: z.boolean().optional(),
    })
    .optional(),
  note: z.string().optional(),
  source: z.string().optional(),
  /** Day on which the package index was asked; absent for shipped rows. */
  refreshed: z.string().optional(),
});

export type PackageRow = z.infer<typeof packageRow>;

export const packageFile = z.strictObject({
  version: z.literal(1),
  checked: z.iso.date(),
  sources: z.array(z.string()),
  /** Import names whose distribution has another name. */
  imports: z.record(z.string(), z.string()),
  /** Distributions without compiled code, separated by blanks. */
  pure: z.string(),
  native: z.record(z.string(), packageRow),
});

export type PackageFile = z.infer<typeof packageFile>;

/** Rows the user had renewed; `pure` are distributions whose newest release has no compiled wheel. */
export const refreshedFile = z.object({
  version: z.literal(1),
  pure: z.record(z.string(), z.string()),
  native: z.record(z.string(), packageRow),
});

export type RefreshedFile = z.infer<typeof refreshedFile>;

export class PackageFacts {
  readonly #pure: ReadonlySet<string>;

  constructor(
    private readonly file: PackageFile,
    private readonly refreshed: RefreshedFile = { version: 1, pure: {}, native: {} },
  ) {
    this.#pure = new Set(file.pure.split(" "));
  }

  /** The shipped rows, with renewed ones from `refreshedPath` before them; a damaged file there counts as none. */
  static load(refreshedPath?: string): PackageFacts {
    return new PackageFacts(JSON.parse(readFileSync(locate(), "utf8")), readRefreshed(refreshedPath));
  }

  /** Day on which the shipped rows were put together. */
  get checked(): string {
    return this.file.checked;
  }

  row(distribution: string): PackageRow | undefined {
    const name = normalisedName(distribution);
    const shipped = this.file.native[name];
    const renewed = this.refreshed.native[name];
    if (!renewed) return this.refreshed.pure[name] ? undefined : shipped;
    // What people found out about the slot is not in an index; what an index says of wheels replaces our samples.
    const { gil, declaredSince, tracked, note, source } = shipped ?? {};
    const kept = { gil, declaredSince, tracked, note, source };
    const known = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
    // Wheels alone do not undo what a project says of itself.
    const ft = shipped?.ft === "supported" && renewed.ft === "partial" ? "supported" : renewed.ft;
    return { ...known, ...renewed, ...(ft && { ft }) };
  }

  /** Day for which a distribution is known to have no compiled code. */
  pureAsOf(distribution: string): string | undefined {
    const name = normalisedName(distribution);
    return this.refreshed.pure[name] ?? (this.#pure.has(name) ? this.file.checked : undefined);
  }

  /** The distribution that provides a module, as far as names tell; inside of namespaces by the longest known name. */
  distributionOf(module: string): string {
    const parts = module.split(".");
    for (let length = parts.length; length > 0; length -= 1) {
      const known = this.file.imports[parts.slice(0, length).join(".")];
      if (known !== undefined) return known;
    }
    return normalisedName(parts[0]!);
  }
}

export function readRefreshed(file: string | undefined): RefreshedFile | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  try {
    return refreshedFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** The bundle carries the rows beside itself; a checkout has them in server/data. */
function locate(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const beside = path.join(here, "packages.json");
  return existsSync(beside) ? beside : path.resolve(here, "../../../data/packages.json");
}
