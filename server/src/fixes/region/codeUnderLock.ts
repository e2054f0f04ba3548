// What is to run under a lock: neighbouring statements, and what is known of them.
import type { Finding, GuardRequest, GuardSite, SourceRange } from "../../findings/finding.ts";
import type { Source } from "../source.ts";

/** Neighbouring statements of one block. */
export interface Region {
  readonly block: number;
  readonly statements: readonly number[];
}

export interface GuardedCode {
  readonly source: Source;
  readonly region: Region;
  /** The function or lambda around it; 0 at the top level. */
  readonly fn: number;
  /** One of the places in it, for how the code names the data. */
  readonly site: GuardSite;
  /** All accesses in it that need the lock. */
  readonly accesses: readonly SourceRange[];
  /** Whether neighbouring statements came along that call code of which nothing is known here. */
  readonly reachesOut: boolean;
  /** Whether neighbouring statements came along that count something else of the same object or module. */
  readonly hasCompanions: boolean;
}

/** The places that need the lock, this one alone where nothing is planned; undefined where other locks conflict. */
export function sitesToGuard(finding: Finding, guard: GuardRequest): readonly GuardSite[] | undefined {
  const { conflict } = guard.plan ?? guard;
  if (conflict !== undefined) return undefined;
  return guard.plan?.sites ?? [{ ...guard, path: finding.path, access: finding.range }];
}

/** Whether an access is within the code. */
export function covers(
  { source, region }: GuardedCode,
  { path, access }: Pick<GuardSite, "path" | "access">,
): boolean {
  const { tree } = source;
  const [first, last] = [region.statements[0]!, region.statements.at(-1)!];
  return path === source.path && tree.start(first) <= access.start && access.end <= tree.end(last);
}
