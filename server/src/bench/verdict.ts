/** The one sentence that a person can repeat. Pure. */
import type { Lane, Reason, Sample } from "./result.ts";
import { lanePairs, singleThreadCost } from "./summary.ts";

/** A speedup below this is no scaling. */
const scales = 1.25;

/** Speaks of the newest version that was measured. */
export function writeVerdict(lanes: readonly Lane[], reasons: readonly Reason[]): string {
  const sentence = judge(lanes, reasons);
  const unsure = reasons.some(({ kind }) => kind === "noise" || kind === "short-run");
  return unsure
    ? `To be taken with care, see below: ${sentence[0]!.toLowerCase()}${sentence.slice(1)}`
    : sentence;
}

function judge(lanes: readonly Lane[], reasons: readonly Reason[]): string {
  const pair = lanePairs(lanes).at(-1);
  if (!pair) {
    return "Nothing to compare: one of the two builds is missing.";
  }
  const { withGil, free } = pair;
  const has = (kind: Reason["kind"]) => reasons.some((reason) => reason.kind === kind);
  const cost = `one thread takes ${times(singleThreadCost(pair))} as long`;
  if (free.gilEnabled) {
    const culprit = /switched on by (.+)$/.exec(free.label)?.[1];
    return culprit
      ? `No free threading here: importing ${culprit} switches the GIL back on in ${free.id}.`
      : `No free threading here: the GIL was on in ${free.id}.`;
  }
  if (has("no-threads")) {
    return has("uses-processes")
      ? `Free threading changes nothing for this program: it works in processes, not threads, and with ${free.id} ${cost}.`
      : `Free threading cannot help this program as it is: it starts no threads, and with ${free.id} ${cost}.`;
  }
  if (has("waits")) {
    return "This program waits more than it computes: the GIL is not what limits it.";
  }
  const best = fastest(free);
  const ordinary = fastest(withGil);
  const gain = ordinary.medianMs / best.medianMs;
  if (best.speedup < scales) {
    const widest = free.samples
      .slice(1)
      .reduce((a, b) => (b.speedup > a.speedup ? b : a), free.samples.at(-1)!);
    return `Does not scale yet: with the GIL off ${free.id} on ${onThreads(widest)} is ${times(widest.speedup)} as fast as on one, and ${cost}.`;
  }
  const compared =
    gain >= 1.02
      ? `${times(gain)} as fast as ${withGil.id} at its best`
      : gain <= 0.98
        ? `still slower than ${withGil.id} (${times(gain)} its speed)`
        : `as fast as ${withGil.id} at its best`;
  return `Scales without the GIL: ${free.id} on ${onThreads(best)} is ${times(best.speedup)} as fast as on one (${withGil.id}: ${times(atThreads(withGil, best.threads).speedup)}) and ${compared}; ${cost}.`;
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

function onThreads({ threads }: Sample): string {
  return threads === 1 ? "one thread" : `${threads} threads`;
}
