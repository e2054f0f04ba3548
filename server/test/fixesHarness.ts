// Applies fixes as an editor would, and asks real interpreters and the engine itself about the result.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { Workspace } from "../src/analysis/workspace.ts";
import type { Finding } from "../src/findings/finding.ts";
import type { AnalysisOptions } from "../src/findings/options.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { loadParser, type PythonParser } from "../src/syntax/parser.ts";

/** The interpreter of this kind that the tests' set-up provides, or undefined. */
export function python(kind: "3.13" | "3.13t"): string | undefined {
  const named = kind === "3.13" ? process.env.THREADPROOF_PYTHON313 : process.env.THREADPROOF_PYTHON313T;
  const cache = process.env.THREADPROOF_CACHE ?? path.join(homedir(), ".cache");
  const cached = path.join(cache, "threadproof", "python", kind, "bin", "python3");
  return named ?? (existsSync(cached) ? cached : undefined);
}

const compileAll = `
import json, sys, warnings
warnings.simplefilter("ignore")
errors = []
for text in json.load(sys.stdin):
    try:
        compile(text.encode("utf-8", "surrogatepass"), "fixed.py", "exec", dont_inherit=True)
        errors.append(None)
    except (SyntaxError, ValueError) as error:
        errors.append(str(error))
json.dump(errors, sys.stdout)
`;

/** What CPython says to each text: null where it compiles. */
export async function compileErrors(
  texts: readonly string[],
  kind: "3.13" | "3.13t" = "3.13",
): Promise<(string | null)[]> {
  const { stdout } = await execa(python(kind) ?? "python3", ["-c", compileAll], {
    input: JSON.stringify(texts),
  });
  return JSON.parse(stdout) as (string | null)[];
}

/** One file at a time under analysis, with its fixes. */
export class Bench {
  private constructor(
    private readonly workspace: Workspace,
    private readonly parser: PythonParser,
  ) {}

  static async start(options: AnalysisOptions): Promise<Bench> {
    return new Bench(await Workspace.create(options), await loadParser());
  }

  findings(text: string, file = "/project/module.py"): Finding[] {
    this.workspace.update(file, text);
    const findings = this.workspace.findings(file);
    this.workspace.remove(file);
    return findings;
  }

  /** Locks and snapshots; `rewrites.test.ts` tries the fixes that are better than a lock. */
  fixes(finding: Finding, text: string): TextFix[] {
    const tree = this.parser.parse(text);
    const better = new Set(rewritesFor(finding, tree, "3.13").map((fix) => fix.title));
    const fixes = fixesFor(finding, { tree: (file) => (file === finding.path ? tree : undefined) });
    return fixes.filter((fix) => !better.has(fix.title));
  }

  /** Applies first fixes until none is left, the way a reader works through a file; at most `limit` of them. */
  fixAll(text: string, limit = 50): { text: string; refused: string[] } {
    let current = text;
    for (let round = 0; round < limit; round += 1) {
      const findings = this.findings(current);
      const first = findings
        .flatMap((finding) => this.fixes(finding, current))
        .find((fix) => fix.edits.length > 0);
      if (first === undefined) {
        const reasons = findings.flatMap((finding) => this.fixes(finding, current));
        return { text: current, refused: reasons.flatMap((fix) => fix.disabled ?? []) };
      }
      current = applyEdits(current, first.edits);
    }
    throw new Error(`fixes did not come to an end:\n${current}`);
  }
}

/** Findings by what they are about, for comparing two versions of a text. */
export function tally(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rule, symbol, function: fn } of findings) {
    const key = `${rule} ${symbol} ${fn}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Keys that `after` has more often than `before`. */
export function added(before: readonly Finding[], after: readonly Finding[]): string[] {
  const known = tally(before);
  return [...tally(after)].filter(([key, count]) => count > (known.get(key) ?? 0)).map(([key]) => key);
}
