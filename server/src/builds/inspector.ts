/** The audit of builds as the editor and the command line use it: inspection, and what the options want of it. */
import type { AnalysisOptions } from "../findings/options.ts";
import { catalogue } from "../rules/catalogue.ts";
import type { RuleMeta } from "../rules/rule.ts";
import { isWanted } from "../rules/selection.ts";
import { loadParser, type PythonParser } from "../syntax/parser.ts";
import type { BuildFile } from "./buildFile.ts";
import type { BuildFinding } from "./buildReport.ts";
import { inspectProject } from "./inspect.ts";

export class BuildInspector {
  /** The rules about builds, by name. */
  static readonly rules: ReadonlyMap<string, RuleMeta> = new Map(
    catalogue.filter(({ meta }) => meta.family === "builds").map(({ meta }) => [meta.name, meta]),
  );

  private constructor(private readonly parser: PythonParser) {}

  static async create(): Promise<BuildInspector> {
    return new BuildInspector(await loadParser());
  }

  /**
   * All findings of a project, whatever options say.
   * @param root the project's top
   * @param files all build files of the project
   */
  inspect(root: string, files: readonly BuildFile[]): BuildFinding[] {
    return inspectProject(root, files, this.parser);
  }
}

/** The findings that the options of their files ask for, with the severities they give. */
export function wantedOf(
  findings: readonly BuildFinding[],
  optionsOf: (path: string) => AnalysisOptions,
): BuildFinding[] {
  return findings.flatMap((finding) => {
    const options = optionsOf(finding.path);
    if (!isWanted(BuildInspector.rules.get(finding.rule)!, options)) return [];
    return [{ ...finding, severity: options.severity?.[finding.rule] ?? finding.severity }];
  });
}
