/** The report of an audit as `threadproof imports --format json` prints it, version 1. Fields are only ever added. */
import type { ProbeResult } from "../probe/probe.ts";
import type { AuditedImport, ProjectAudit } from "./projectAudit.ts";
import type { Culprit, EvidenceItem, EvidenceSource, VerdictKind } from "./verdict.ts";

export interface ReportedImport {
  readonly import: string;
  readonly distribution: string | null;
  readonly distributionVersion: string | null;
  readonly verdict: VerdictKind;
  /** Strongest source first. */
  readonly evidence: readonly EvidenceItem[];
  readonly chain: readonly string[];
  readonly culprits: readonly (Omit<Culprit, "evidence"> & { readonly source: EvidenceSource })[];
  readonly notes: readonly string[];
  readonly advice: readonly string[];
  readonly installed: boolean;
  readonly optional: boolean;
  /** 1-based lines. */
  readonly places: readonly { readonly path: string; readonly line: number }[];
  /** The real interpreter's answer, when it was asked. */
  readonly probe?: ProbeResult;
}

export interface ImportsReport {
  readonly version: 1;
  /** The build it is judged for: `3.13t`. */
  readonly python: string;
  readonly environment: {
    readonly prefix: string;
    readonly freeThreaded: boolean;
    readonly version: string;
  } | null;
  readonly modules: readonly ReportedImport[];
  readonly dependencies: readonly ReportedImport[];
}

export function importsReport({ audit, imports, dependencies }: ProjectAudit): ImportsReport {
  const { environment } = audit;
  const one = (audited: AuditedImport) => reported(audited, audit.probeOf(audited.verdict.import));
  return {
    version: 1,
    python: audit.build,
    environment: environment
      ? {
          prefix: environment.prefix,
          freeThreaded: environment.freeThreaded,
          version: environment.version.join("."),
        }
      : null,
    modules: imports.map(one),
    dependencies: dependencies.map(one),
  };
}

function reported(
  { verdict, places, optional }: AuditedImport,
  probe: ProbeResult | undefined,
): ReportedImport {
  return {
    import: verdict.import,
    distribution: verdict.distribution ?? null,
    distributionVersion: verdict.distributionVersion ?? null,
    verdict: verdict.verdict,
    evidence: verdict.evidence,
    chain: verdict.chain,
    culprits: verdict.culprits.map(({ evidence, ...culprit }) => ({ ...culprit, source: evidence })),
    notes: verdict.notes,
    advice: verdict.advice,
    installed: verdict.installed,
    optional,
    places: places.map(({ path, line }) => ({ path, line: line + 1 })),
    ...(probe && { probe }),
  };
}
