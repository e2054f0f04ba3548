// The step between rules and findings: silences what comments silence, and reports comments that silence nothing.
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import type { FileNode } from "../program/fileNode.ts";
import unusedRule from "../rules/annotations/unused-suppression.ts";
import { readDirectives } from "./directives.ts";
import { type Idle, Silence } from "./silence.ts";

const unusedSuppression = unusedRule.meta;

/** What the step asks of the rest of the analysis. */
export interface Surroundings {
  /** Names of all rules. */
  readonly known: readonly string[];
  /** Rules whose findings may come later: a comment for them is never unused. */
  readonly foreign: readonly string[];
  /** Whether unused comments are to be reported. */
  readonly reportsUnused: boolean;
  /**
   * The file's findings by every rule at the widest notion of concurrency. Asked only when a comment seems unused:
   * who checks a library in two ways needs it for the other one.
   */
  everything(): readonly Finding[];
}

/** @param found the file's findings by all rules wanted */
export function suppress(file: FileNode, found: readonly Finding[], around: Surroundings): Finding[] {
  const directives = readDirectives(file.facts.comments);
  if (directives.length === 0) return [...found];
  const silence = new Silence(directives, around.foreign);
  const kept = found.filter((finding) => !silence.covers(finding));
  // While code is half-typed, findings are missing that a comment is there for.
  if (!around.reportsUnused || file.facts.isBroken || !silence.hasIdle) return kept;
  for (const finding of around.everything()) silence.covers(finding);
  const unused = silence.idle(around.known).map((idle) => toFinding(file, idle));
  const named = new Silence(
    directives.filter((it) => it.rules !== undefined),
    around.foreign,
  );
  return [...kept, ...unused.filter((finding) => !named.covers(finding))];
}

/** Whether options call for reports of unused comments. */
export function reportsUnused({ concurrency, select, ignore }: AnalysisOptions): boolean {
  if (concurrency === "off" || ignore?.includes(unusedSuppression.name)) return false;
  return select === undefined || select.includes(unusedSuppression.name);
}

function toFinding(file: FileNode, { start, end, rule, message }: Idle): Finding {
  const { functions } = file.facts;
  const inside = functions.findLastIndex((fn) => fn.start <= start && fn.end >= end);
  return {
    path: file.path,
    range: file.range(start, end),
    rule: unusedSuppression.name,
    severity: unusedSuppression.severity,
    evidence: "proven",
    symbol: rule,
    function: functions[Math.max(0, inside)]!.qualifiedName,
    message,
    related: [],
  };
}
