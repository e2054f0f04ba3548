/** Which baseline holds for which file of a run: the one on the command line, or that of the file's configuration. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Workspace } from "../analysis/workspace.ts";
import { type Baseline, BaselineFault } from "../baseline/baseline.ts";
import { emptyBaseline, readBaseline, writeBaseline } from "../baseline/baselineFile.ts";
import type { Configurations } from "../configuration/configurations.ts";
import type { Finding } from "../findings/finding.ts";
import type { FileFindings } from "./checkBuilds.ts";
import type { CheckFlags } from "./checkOptions.ts";
import { UsageError } from "./loadSources.ts";

/** What became of the known findings. */
export interface BaselineCount {
  /** Findings that are not told, because they are known. */
  readonly known: number;
  /** Known findings that are no longer there. */
  readonly fixed: number;
}

export class Baselines {
  private readonly loaded = new Map<string, Baseline>();

  constructor(
    private readonly flags: CheckFlags,
    private readonly configurations: Configurations | undefined,
  ) {}

  /**
   * Parts known findings from new ones and, if asked to, writes the baselines anew.
   * @param files absolute paths of the files analysed
   * @param others findings of files that the analysis does not know, or that it has others of
   * @returns the new findings, and counts when there is a baseline
   * @throws UsageError when a baseline cannot be used, or none is there to be updated
   */
  sift(
    workspace: Workspace,
    files: readonly string[],
    others: ReadonlyMap<string, FileFindings>,
  ): { findings: Finding[]; count: BaselineCount | undefined } {
    const findings: Finding[] = [];
    let known = 0;
    let fixed = 0;
    for (const file of new Set([...files, ...others.keys()])) {
      const also = others.get(file);
      const found = [...workspace.findings(file), ...(also?.findings ?? [])];
      const text = workspace.text(file) ?? also?.text ?? "";
      const baseline = this.of(file);
      const sifted = baseline?.sift(file, found, text);
      fixed += sifted?.fixed ?? 0;
      if (this.writes && baseline !== undefined) {
        baseline.replace(file, found, text);
        known += found.length;
      } else {
        findings.push(...(sifted?.fresh ?? found));
        known += sifted?.known ?? 0;
      }
    }
    fixed += this.forgetLost();
    if (this.writes) this.write();
    return { findings, count: this.loaded.size === 0 ? undefined : { known, fixed } };
  }

  private get writes(): boolean {
    return this.flags.writeBaseline !== undefined || this.flags.updateBaseline === true;
  }

  private of(file: string): Baseline | undefined {
    const { writeBaseline: written, baseline: given } = this.flags;
    const path = written ?? given ?? this.configurations?.of(file)?.baseline;
    return path === undefined ? undefined : this.load(resolve(path).replaceAll("\\", "/"));
  }

  private load(path: string): Baseline {
    let baseline = this.loaded.get(path);
    if (baseline === undefined) {
      const isNew = this.flags.writeBaseline !== undefined || (this.writes && !existsSync(path));
      baseline = isNew ? emptyBaseline(path) : read(path);
      this.loaded.set(path, baseline);
    }
    return baseline;
  }

  /** Findings of files that are gone are fixed too. */
  private forgetLost(): number {
    let lost = 0;
    for (const baseline of this.loaded.values()) {
      for (const path of baseline.paths()) if (!existsSync(path)) lost += baseline.forget(path);
    }
    return lost;
  }

  private write(): void {
    if (this.loaded.size === 0) {
      throw new UsageError("There is no baseline to update: name one with --baseline, or in pyproject.toml.");
    }
    for (const [path, baseline] of this.loaded) writeBaseline(path, baseline);
  }
}

function read(path: string): Baseline {
  try {
    return readBaseline(path);
  } catch (error) {
    throw error instanceof BaselineFault ? new UsageError(error.message) : error;
  }
}
