/** The one sentence that a person can repeat. Pure. */
import type { Lane, Reason, Sample } from "./result.ts";
import { lanePairs, singleThreadCost } from "./summary.ts";

/** A speedup below this is no scaling. */
const scales = 1.25;

/** Speaks of the newest version that was measured. */
export function writeVerdict(lanes: readonly Lane[], reasons: readonly Reason[]): string {
  const pair = lanePairs(lanes).at(-1);
  if (!pair) {
    return "Nothing to compare: one of the two builds is missing.";
  }
  const { withGil, free } = pair;
  const has = (kind: Reason["kind"]) => reasons.some((reason) => reason.kind === kind);
  const cost = `one core pays ${times(singleThreadCost(pair))} the time`;
  if (free.gilEnabled) {
    const culprit = /switched on by (.+)$/.exec(free.label)?.[1];
    return culprit
      ? `No free threading here: importing ${culprit} switches the GIL back on in ${free.id}.`
      : `No free threading here: the GIL was on in ${free.id}.`;
  }
  if (has("no-threads")) {
    return has("uses-processes")
      ? `Free threading changes nothing for this program: it works in processes, not threads, and ${cost} with ${free.id}.`
      : `Free threading cannot help this program as it is: it starts no threads, and ${cost} with ${free.id}.`;
  }
  if (has("waits")) {
    return "This program waits more than it computes: the GIL is not what limits it.";
  }
  const best = fastest(free);
  const ordinary = fastest(withGil);
  const gain = ordinary.medianMs / best.medianMs;
  if (best.speedup < scales) {
    return `Does not scale yet: with the GIL off ${free.id} on ${cores(free.samples.at(-1)!)} is ${times(free.samples.at(-1)!.speedup)} as fast as on one, and ${cost}.`;
  }
  const compared =
    gain >= 1.02
      ? `${times(gain)} as fast as ${withGil.id} at its best`
      : gain <= 0.98
        ? `still slower than ${withGil.id} (${times(gain)} its speed)`
        : `as fast as ${withGil.id} at its best`;
  return `Scales without the GIL: ${free.id} on ${cores(best)} is ${times(best.speedup)} as fast as on one (${withGil.id}: ${times(atThreads(withGil, best.threads).speedup)}) and ${compared}; ${cost}.`;
}

function fastest(lane: Lane): Sample {
  return lane.samples.reduce((best, sample) => (sample.medianMs < best.medianMs ? sample : best));
}

function atThreads(lane: Lane, threads: number): Sample {
  return lane.samples.find((sample) => sample.threads === threads) ?? lane.samples.at(-1)!;
}

function times(factor: number): string {
  return `${factor.toFixed(2)} times`;
}

function cores({ threads }: Sample): string {
  return threads === 1 ? "one core" : `${threads} cores`;
}
