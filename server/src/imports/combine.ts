/** Puts the judgements of all extension modules that an import reaches together into one verdict. Pure. */
import type { Distribution } from "../environment/distributions.ts";
import type { Reached } from "./importGraph.ts";
import type { Judgement } from "./judge.ts";
import { sharingNote } from "./knowledge/advice.ts";
import type { KnownBuild } from "./knowledge/knownVerdict.ts";
import { type Culprit, type ImportVerdict, ordered, type VerdictKind } from "./verdict.ts";

/** @param adviceOn what to do about a distribution that is in the way */
export function verdictFrom(
  module: string,
  owner: Distribution | undefined,
  reached: readonly Reached[],
  judgements: readonly Judgement[],
  build: KnownBuild,
  adviceOn: (distribution: string, reason: Culprit["reason"]) => string[],
): ImportVerdict {
  const culprits = judgements
    .flatMap(({ culprit }) => culprit ?? [])
    .sort((a, b) => Number(a.conditional) - Number(b.conditional));
  const compiled = judgements.filter(({ outcome }) => outcome !== "absent");
  const verdict = worst(culprits, compiled);
  const evidence =
    culprits.length > 0
      ? judgements.filter(({ culprit }) => culprit).flatMap((one) => one.evidence)
      : byDoubt(judgements).flatMap((one) => one.evidence);
  const read = reached.filter(({ found }) => found.kind === "source").length;
  if (verdict === "pure") {
    const detail = `The imports that run with it reach no extension module (${read} source files read).`;
    evidence.push({ source: "binary", detail });
  }
  const notes = judgements.flatMap(({ note }) => note ?? []);
  const sharing =
    owner && (verdict === "keeps-gil-off" || verdict === "unknown") ? sharingNote(owner.name) : undefined;
  const reasons = new Map(culprits.map(({ distribution, reason }) => [distribution, reason]));
  reasons.delete(undefined);
  return {
    import: module,
    ...(owner && { distribution: owner.name, distributionVersion: owner.version }),
    verdict,
    evidence: ordered(evidence),
    chain: culprits[0]?.chain ?? [module],
    culprits,
    notes: [...new Set(sharing ? [sharing, ...notes] : notes)],
    advice: [...reasons].flatMap(([name, reason]) => adviceOn(name!, reason)),
    installed: true,
    python: build,
  };
}

/** What could not be judged comes first: it is what decides. */
function byDoubt(judgements: readonly Judgement[]): Judgement[] {
  const doubt = ({ outcome }: Judgement) => (outcome === "unknown" ? 0 : 1);
  return [...judgements].sort((a, b) => doubt(a) - doubt(b));
}

function worst(culprits: readonly Culprit[], compiled: readonly Judgement[]): VerdictKind {
  const missing = culprits.some(
    ({ reason }) => reason === "abi3" || reason === "other-build" || reason === "no-build",
  );
  if (missing) return "no-free-threaded-build";
  if (culprits.length > 0) return "enables-gil";
  if (compiled.some(({ outcome }) => outcome === "unknown")) return "unknown";
  return compiled.length > 0 ? "keeps-gil-off" : "pure";
}
