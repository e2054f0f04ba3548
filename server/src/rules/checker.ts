// Asks the rules about every access of a file and keeps the findings that the options want.
import type { Access, Op } from "../facts/facts.ts";
import type { Evidence, Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import type { FileNode } from "../program/fileNode.ts";
import { Intent } from "../program/intent.ts";
import { KnownSafe } from "../program/knownSafe.ts";
import type { Location } from "../program/locations.ts";
import type { Program } from "../program/program.ts";
import { RaceFinder } from "../program/races.ts";
import { safeToShare } from "../program/types.ts";
import { AccessView } from "./accessView.ts";
import guardedByViolated from "./annotations/guarded-by-violated.ts";
import { FileView } from "./fileView.ts";
import { GuardPlanner } from "./guard/plan.ts";
import { fileRules, rules } from "./index.ts";
import { reportRace } from "./report.ts";
import type { FileRule, Match, Rule } from "./rule.ts";
import { isWanted } from "./selection.ts";
import { type Reach, threadReach } from "./threadReach.ts";

const order: Readonly<Record<Evidence, number>> = { exposed: 0, likely: 1, proven: 2 };

export class Checker {
  private readonly intent: Intent;
  private readonly knownSafe: KnownSafe;
  private readonly races: RaceFinder;
  private readonly planner: GuardPlanner;
  private readonly wanted: readonly Rule[];
  private readonly byOperation = new Map<Op, readonly Rule[]>();
  private readonly wantedFileRules: readonly FileRule[];
  private readonly least: Evidence;

  constructor(
    private readonly program: Program,
    private readonly options: AnalysisOptions,
    private readonly textOf: (path: string) => string,
  ) {
    this.intent = new Intent(program);
    this.knownSafe = new KnownSafe(program, options.knownSafe ?? []);
    this.races = new RaceFinder(program, this.intent);
    this.wanted = rules.filter((rule) => isWanted(rule.meta, options));
    const repairable = this.wanted.filter(({ meta }) => meta.lockRepairs);
    this.planner = new GuardPlanner(program, this.races, repairable, (...of) => this.viewOf(...of));
    this.wantedFileRules = fileRules.filter((rule) => isWanted(rule.meta, options));
    this.least = options.concurrency === "library" ? "exposed" : "likely";
  }

  /** Findings of one file, ordered by position. */
  check(file: FileNode): Finding[] {
    if (this.options.concurrency === "off") return [];
    const findings: Finding[] = [];
    const spoken = new Map<number, Set<Location>>();
    const aboutFile = this.checkFile(file);
    const violations = new Set(
      aboutFile.filter((it) => it.rule === guardedByViolated.meta.name).map(placeOf),
    );
    file.facts.accesses.forEach((access, index) => {
      const location = this.program.locationOf(file, access);
      if (location === undefined || !isOfInterest(access, location)) return;
      if (spoken.get(access.statement)?.has(location) === true) return;
      if (this.isDeclaredSafe(file, access, location)) return;
      const finding = this.checkAccess(file, index, location);
      // Where the declared lock is missing, no more needs to be said.
      if (finding === undefined || violations.has(placeOf(finding))) return;
      spoken.set(access.statement, (spoken.get(access.statement) ?? new Set()).add(location));
      findings.push(finding);
    });
    findings.push(...aboutFile);
    return findings.sort((a, b) => a.range.start - b.range.start);
  }

  /** How threads get to the innermost function around an offset. */
  reachAt(file: FileNode, offset: number): Reach | undefined {
    const { functions } = file.facts;
    const fn = functions.findLastIndex(({ start, end }) => start <= offset && offset < end);
    return fn < 0 ? undefined : threadReach(this.program, this.intent, file, fn);
  }

  private isDeclaredSafe(file: FileNode, access: Access, location: Location): boolean {
    if (this.program.annotations.confinementOf(location) !== undefined) return true;
    return this.knownSafe.covers(file, access, location);
  }

  private checkFile(file: FileNode): Finding[] {
    const { program, intent, races, options } = this;
    const view = new FileView(file, program, options.target, intent, races, this.textOf(file.path));
    return this.wantedFileRules.flatMap((rule) =>
      [...rule.inspect(view)]
        .filter((issue) => order[issue.evidence] >= order[this.least])
        .map((issue) => ({
          path: file.path,
          range: file.range(issue.start, issue.end),
          rule: rule.meta.name,
          severity: issue.severity ?? rule.meta.severity,
          evidence: issue.evidence,
          symbol: issue.symbol,
          function: file.facts.functions[issue.fn]!.qualifiedName,
          message: issue.message,
          related: issue.related,
          ...(issue.guard && { guard: issue.guard }),
        })),
    );
  }

  private checkAccess(file: FileNode, index: number, location: Location): Finding | undefined {
    if (!this.races.isConcurrentPlace({ file, access: index })) return undefined;
    const view = this.viewOf(file, index, location);
    for (const rule of this.rulesOn(view.access.op)) {
      const match = rule.match(view);
      if (match === undefined) continue;
      const found = this.races.find({ file, access: index }, location, match);
      if (found === undefined) continue;
      const isIntended = match.intent !== undefined && found.evidence === "exposed";
      const race = isIntended ? { ...found, evidence: "likely" as const } : found;
      if (order[race.evidence] < order[this.leastFor(match)]) continue;
      return reportRace(rule, view, match, race, this.planner);
    }
    return undefined;
  }

  /** The wanted rules that are asked about an operation, in their order. */
  private rulesOn(op: Op): readonly Rule[] {
    let asked = this.byOperation.get(op);
    if (asked === undefined) {
      asked = this.wanted.filter(({ meta }) => meta.on?.includes(op) ?? true);
      this.byOperation.set(op, asked);
    }
    return asked;
  }

  private viewOf(file: FileNode, index: number, location: Location): AccessView {
    return new AccessView(
      file,
      index,
      location,
      (f, a) => this.program.locationOf(f, a),
      this.options.target,
      (l) => this.races.guardOf(l),
      (f, c) => this.program.locksets.heldWithin(f, c),
      this.textOf(file.path),
    );
  }

  private leastFor(match: Match): Evidence {
    const asked = match.atLeast ?? "exposed";
    return order[asked] > order[this.least] ? asked : this.least;
  }
}

function placeOf({ symbol, range }: Finding): string {
  return `${range.startLine}:${symbol}`;
}

/** Most accesses are plain reads, which only the rules about iteration and lookups care for. */
function isOfInterest(access: Access, location: Location): boolean {
  if (access.op === "read" || access.op === "contains") return false;
  for (const kind of location.holding.kinds) {
    // Rebinding a lock is of interest (it may be made lazily), using it is not; queues and events have rules.
    if (!safeToShare.has(kind) || kind === "queue" || kind === "event") return true;
  }
  return location.holding.kinds.size === 0 || access.op === "rebind";
}
