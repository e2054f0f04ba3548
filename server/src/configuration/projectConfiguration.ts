// What one pyproject.toml asks for, and what that means for a file.
import { posix, resolve } from "node:path";
import ignore, { type Ignore } from "ignore";
import type { Severity } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import type { ConfigurationTable } from "./schema.ts";

/** What may come from the command line: it has precedence over the file. */
export type Overrides = Partial<AnalysisOptions>;

export class ProjectConfiguration {
  private readonly excluded: Ignore | undefined;
  private readonly ignoredIn: readonly { readonly matcher: Ignore; readonly rules: readonly string[] }[];
  private readonly severity: Record<string, Severity> = {};
  private readonly off: string[] = [];
  /** Options by the rules ignored, so that equal options are one object. */
  private readonly made = new Map<string, AnalysisOptions>();

  /**
   * @param path of the pyproject.toml
   * @param folder that patterns are relative to
   */
  constructor(
    readonly path: string,
    readonly folder: string,
    private readonly table: ConfigurationTable,
  ) {
    this.excluded = table.exclude && ignore().add([...table.exclude]);
    this.ignoredIn = Object.entries(table["per-file-ignores"] ?? {}).map(([pattern, rules]) => ({
      matcher: ignore().add(pattern),
      rules,
    }));
    for (const [rule, severity] of Object.entries(table.severity ?? {})) {
      if (severity === "off") this.off.push(rule);
      else this.severity[rule] = severity;
    }
  }

  /** Absolute path of the baseline file, if one is named. */
  get baseline(): string | undefined {
    const { baseline } = this.table;
    return baseline === undefined ? undefined : resolve(this.folder, baseline).replaceAll("\\", "/");
  }

  /** Patterns of files that are left out. */
  get exclude(): readonly string[] {
    return this.table.exclude ?? [];
  }

  /** Whether a file is left out of the analysis when it is met in a folder. */
  excludes(file: string): boolean {
    const inside = this.inside(file);
    return inside !== undefined && (this.excluded?.ignores(inside) ?? false);
  }

  /**
   * The options for a file: what the command line says, then this file, then what holds without it.
   * A selection on the command line means exactly those rules, whatever is ignored here for all files.
   */
  optionsFor(file: string, over: Overrides, under: AnalysisOptions): AnalysisOptions {
    const inside = this.inside(file);
    const here = this.ignoredIn.filter(({ matcher }) => inside !== undefined && matcher.ignores(inside));
    const ignored = [
      ...(over.ignore ?? []),
      ...(over.select === undefined && over.ignore === undefined ? (this.table.ignore ?? []) : []),
      ...(over.select === undefined ? this.off : []),
      ...here.flatMap(({ rules }) => rules),
    ];
    const key = JSON.stringify([ignored, over, under]);
    let options = this.made.get(key);
    if (options === undefined) {
      options = { ...under, ...this.own(), ...over, ...(ignored.length > 0 && { ignore: ignored }) };
      this.made.set(key, options);
    }
    return options;
  }

  private own(): Partial<AnalysisOptions> {
    const { select, preview, concurrency } = this.table;
    const target = this.table["target-version"];
    const knownSafe = this.table["known-safe"];
    return {
      ...(select && { select }),
      ...(preview !== undefined && { preview }),
      ...(concurrency && { concurrency }),
      ...(target && { target }),
      ...(knownSafe && { knownSafe }),
      ...(Object.keys(this.severity).length > 0 && { severity: this.severity }),
    };
  }

  private inside(file: string): string | undefined {
    const inside = posix.relative(this.folder, file);
    return inside === "" || inside.startsWith("../") || posix.isAbsolute(inside) ? undefined : inside;
  }
}
