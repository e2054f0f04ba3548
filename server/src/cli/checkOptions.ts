/** The options of `threadproof check`, and what they mean for the analysis. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ruleNames } from "../analysis/ruleCatalogue.ts";
import type { Overrides } from "../configuration/projectConfiguration.ts";
import type { Severity } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import type { Concurrency, TargetVersion } from "../findings/options.ts";

export interface CheckFlags {
  readonly format: "text" | "json" | "sarif" | "github";
  readonly concurrency?: Concurrency;
  readonly target?: TargetVersion;
  readonly python?: string;
  readonly select?: string[];
  readonly ignore?: string[];
  readonly preview?: boolean;
  /** False with `--no-config`. */
  readonly config: boolean;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly updateBaseline?: boolean;
  readonly failOn: Severity | "never";
  readonly fix?: boolean;
  readonly unsafeFixes?: boolean;
  readonly diff?: boolean;
}

export const severities: readonly Severity[] = ["error", "warning", "information", "hint"];

const writingBaselines = ["writeBaseline", "updateBaseline"];

export function checkOptions(command: Command): Command {
  const option = (flags: string, description: string, choices: readonly string[]) =>
    new Option(flags, description).choices(choices);
  return command
    .addOption(
      option("--format <name>", "how to report", ["text", "json", "sarif", "github"]).default("text"),
    )
    .addOption(
      option(
        "--concurrency <mode>",
        "auto: what the code shows to be shared (default); library: any public function may run on several threads",
        ["auto", "library", "off"],
      ),
    )
    .addOption(option("--target <version>", "CPython to judge by (default: 3.13)", ["3.13", "3.14", "3.15"]))
    .option(
      "--python <exe>",
      "judge imports by this interpreter's packages (default: the project's .venv, if any)",
    )
    .option("--select <rules>", "report only these rules, separated by commas", ruleList)
    .option("--ignore <rules>", "do not report these rules, separated by commas", ruleList)
    .option("--preview", "report rules in preview too")
    .option("--no-config", "do not read pyproject.toml")
    .option("--baseline <file>", "report only findings that this file does not know")
    .addOption(
      new Option(
        "--write-baseline <file>",
        "write all findings to this file, as known from now on",
      ).conflicts(["baseline", "updateBaseline"]),
    )
    .option("--update-baseline", "take new findings into the baseline, and fixed ones out of it")
    .addOption(
      new Option("--fix", "apply the fixes that change nothing for programs with one thread").conflicts(
        writingBaselines,
      ),
    )
    .addOption(
      new Option("--unsafe-fixes", "with --fix or --diff: also fixes that may change what such programs do"),
    )
    .addOption(
      new Option("--diff", "show what --fix would do, and change nothing").conflicts([
        "fix",
        "format",
        ...writingBaselines,
      ]),
    )
    .option("--no-cache", "analyse every file afresh (what happens anyway: nothing is kept between runs)")
    .addOption(
      option("--fail-on <severity>", "exit 1 on findings this severe", [...severities, "never"]).default(
        "warning",
      ),
    );
}

/** What the command line says over any configuration. */
export function overridesOf({ concurrency, target, select, ignore, preview }: CheckFlags): Overrides {
  return {
    ...(concurrency && { concurrency }),
    ...(target && { target }),
    ...(select && { select }),
    ...(ignore && { ignore }),
    ...(preview && { preview }),
  };
}

function ruleList(value: string, before: string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) {
    throw new InvalidArgumentError("Expected rule names separated by commas.");
  }
  for (const name of names.filter((it) => !ruleNames.includes(it))) {
    const meant = nearest(name, ruleNames);
    throw new InvalidArgumentError(
      `There is no rule ${name}${meant === undefined ? "." : `; did you mean ${meant}?`}`,
    );
  }
  return [...before, ...names];
}
