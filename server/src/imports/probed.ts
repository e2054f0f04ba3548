/** Puts the real interpreter's answer above what was read. */
import type { ProbeResult } from "../probe/probe.ts";
import { type Culprit, type ImportVerdict, ordered } from "./verdict.ts";

export function withProbe(verdict: ImportVerdict, probe: ProbeResult | undefined): ImportVerdict {
  if (!probe || probe.outcome === "no-free-threaded-interpreter") return verdict;
  const evidence = ordered([...verdict.evidence, { source: "probe", detail: probe.detail }]);
  if (probe.outcome === "keeps-gil-off") {
    const kind = verdict.verdict === "pure" ? "pure" : "keeps-gil-off";
    return { ...verdict, verdict: kind, evidence, culprits: [], chain: [verdict.import], advice: [] };
  }
  const culprits = probe.culprits.map((culprit): Culprit => {
    const read = verdict.culprits.find(({ module }) => module === culprit.module);
    return {
      ...read,
      module: culprit.module,
      reason: read?.reason ?? "undeclared",
      ...(culprit.file !== undefined && { file: culprit.file }),
      chain: culprit.chain,
      conditional: false,
      evidence: "probe",
      detail: read?.detail ?? probe.detail,
    };
  });
  if (culprits.length > 0) {
    return { ...verdict, verdict: "enables-gil", evidence, culprits, chain: culprits[0]!.chain };
  }
  // An import that fails, crashes or hangs tells nothing of the GIL; what was read stays.
  return { ...verdict, evidence };
}
