// Which configuration is in force for a file: that of the nearest pyproject.toml that has a [tool.threadproof].
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import type { AnalysisOptions } from "../findings/options.ts";
import type { Overrides, ProjectConfiguration } from "./projectConfiguration.ts";
import { type Problem, readConfiguration } from "./readConfiguration.ts";

export const configurationFile = "pyproject.toml";

/** A file's text; undefined when there is no such file or it cannot be read. */
export type ReadText = (path: string) => string | undefined;

export class Configurations {
  /** By folder. A configuration file with errors leaves in force what it said before. */
  private readonly own = new Map<string, ProjectConfiguration | undefined>();
  private readonly faults = new Map<string, readonly Problem[]>();
  /** Folders that were looked at. */
  private readonly met = new Set<string>();
  private readonly lastGood = new Map<string, ProjectConfiguration>();

  constructor(
    private readonly ruleNames: readonly string[],
    private readonly readText: ReadText = readFromDisk,
  ) {}

  /** @param file absolute path with forward slashes */
  of(file: string): ProjectConfiguration | undefined {
    for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
      const configuration = this.inFolder(folder);
      if (configuration !== undefined || posix.dirname(folder) === folder) return configuration;
    }
  }

  /** The options in force for a file. */
  optionsFor(file: string, over: Overrides, under: AnalysisOptions): AnalysisOptions {
    return this.of(file)?.optionsFor(file, over, under) ?? { ...under, ...over };
  }

  /** What is wrong in the configuration files met so far, in order of their paths. */
  problems(): Problem[] {
    return [...this.faults.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, list]) => list);
  }

  /** What is wrong in one configuration file, whether it is in force for anything or not. */
  problemsIn(path: string): readonly Problem[] {
    this.inFolder(posix.dirname(path));
    return this.faults.get(path) ?? [];
  }

  /** What the configurations in force leave out, as one text: equal texts leave out the same. */
  exclusions(): string {
    // A folder whose file has changed is asked again, so that the text is that of now.
    for (const folder of this.met) this.inFolder(folder);
    const lists = [...this.met].sort().map((folder) => [folder, this.own.get(folder)?.exclude ?? []]);
    return JSON.stringify(lists.filter(([, list]) => list!.length > 0));
  }

  /** A configuration file appeared, changed or went. */
  changed(path: string): void {
    this.own.delete(posix.dirname(path));
    this.faults.delete(path);
  }

  private inFolder(folder: string): ProjectConfiguration | undefined {
    if (this.own.has(folder)) return this.own.get(folder);
    this.met.add(folder);
    const path = posix.join(folder, configurationFile);
    const text = this.readText(path);
    const { configuration, problems } =
      text === undefined ? { problems: [] } : readConfiguration(path, text, this.ruleNames);
    const isWrong = problems.some((problem) => problem.severity === "error");
    const inForce = isWrong ? this.lastGood.get(path) : configuration;
    if (inForce === undefined) this.lastGood.delete(path);
    else this.lastGood.set(path, inForce);
    if (problems.length > 0) this.faults.set(path, problems);
    this.own.set(folder, inForce);
    return inForce;
  }
}

export function readFromDisk(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
