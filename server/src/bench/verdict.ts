/** The one sentence that a person can repeat; it claims only what the run can carry. Pure. */
import type { Lane, Reason, Sample } from "./result.ts";
import { type LanePair, lanePairs, singleThreadCost } from "./summary.ts";

/** A speedup below this is no scaling. */
const scales = 1.25;

/** What the figures alone do not say. */
export interface Circumstances {
  /** Cores that a program may use. */
  readonly cores: number;
  /** Other programs wanted the cores too: all times are in doubt then. */
  readonly busy: boolean;
  /** The module that switched the GIL on, by the id of its lane. */
  readonly culprits: ReadonlyMap<string, string>;
}

/** Speaks of the newest version that was measured. */
export function writeVerdict(
  lanes: readonly Lane[],
  reasons: readonly Reason[],
  circumstances: Circumstances,
): string {
  const pair = lanePairs(lanes).at(-1);
  if (!pair) {
    return "Nothing to compare: one of the two builds is missing.";
  }
  const { free } = pair;
  const has = (kind: Reason["kind"]) => reasons.some((reason) => reason.kind === kind);
  if (free.gilEnabled) {
    const culprit = circumstances.culprits.get(free.id);
    return culprit
      ? `No free threading here: importing ${culprit} switches the GIL back on in ${free.id}.`
      : `No free threading here: the GIL was on in ${free.id}.`;
  }
  if (has("no-threads")) {
    const doubtful = circumstances.busy || has("noise") || has("short-run") || has("few-rounds");
    const cost = doubtful
      ? ""
      : `, and ${free.id} takes ${times(singleThreadCost(pair))} as long as ${pair.withGil.id}`;
    return has("uses-processes")
      ? `Free threading changes little for this program: it works in processes, not threads${cost}.`
      : `Free threading cannot help this program as it is: it starts no threads${cost}.`;
  }
  if (has("waits")) {
    return "This program waits more than it computes: the GIL is not what limits it.";
  }
  return scaling(pair, circumstances, has("short-run"), has("few-rounds"));
}

function scaling(pair: LanePair, { cores, busy }: Circumstances, short: boolean, few: boolean): string {
  const { free } = pair;
  const [alone, ...wider] = free.samples;
  const best = wider.reduce<Sample | undefined>(
    (leader, one) => (leader && leader.speedup >= one.speedup ? leader : one),
    undefined,
  );
  if (!alone || !best || cores === 1) {
    return "This run does not tell whether the program scales: it was measured on one core only.";
  }
  if (short) {
    return `${untold(free, alone, best)}; give it about a second of work.`;
  }
  // Other programs take cores away from the runs with many threads, so a clear gain holds all the more.
  const gains = best.speedup >= scales && ratio(alone, best).low >= scales;
  if (busy && !gains) {
    return `${untold(free, alone, best)} on a busy machine; close other programs and measure again.`;
  }
  const advice = "close other programs or measure for longer";
  const suffix = busy ? ", though other programs were running" : few ? ", in a few rounds only" : "";
  if (best.speedup >= scales) {
    return ratio(alone, best).low > 1
      ? `Scales without the GIL: ${free.id} is ${times(best.speedup)} as fast on ${onThreads(best)} as on one${compared(pair)}${suffix}.`
      : `${untold(free, alone, best)}; ${advice}.`;
  }
  const open = wider.find((one) => ratio(alone, one).high >= halfTheGain(one, cores));
  return open
    ? `${untold(free, alone, open)}; ${advice}.`
    : `Does not scale yet: without the GIL ${free.id} is ${times(best.speedup)} as fast on ${onThreads(best)} as on one${suffix}.`;
}

/** A run that leaves so much speedup possible cannot deny that the program scales. */
function halfTheGain({ threads }: Sample, cores: number): number {
  return (1 + Math.min(threads, cores)) / 2;
}

function untold(free: Lane, alone: Sample, sample: Sample): string {
  const { low, high } = ratio(alone, sample);
  const bounds = high > low ? ` (${low.toFixed(2)} to ${high.toFixed(2)})` : "";
  return `This run does not tell whether the program scales: ${free.id} was ${times(sample.speedup)} as fast on ${onThreads(sample)}${bounds}`;
}

/** How the free-threaded build at its best compares with the default build at its best, as far as the run tells. */
function compared({ withGil, free }: LanePair): string {
  const best = fastest(free);
  const ordinary = fastest(withGil);
  const { low, high } = ratio(ordinary, best);
  const gain = ordinary.medianMs / best.medianMs;
  if (low > 1) {
    return ` and ${times(gain)} as fast as ${withGil.id} at its best`;
  }
  return high < 1
    ? `, yet takes ${times(1 / gain)} as long as ${withGil.id} at its best`
    : `, and about as fast as ${withGil.id} at its best`;
}

/** Bounds of how many times as fast `after` is as `before`: the ends of both intervals against each other. */
function ratio(before: Sample, after: Sample): { low: number; high: number } {
  return { low: before.lowMs / after.highMs, high: before.highMs / after.lowMs };
}

function fastest(lane: Lane): Sample {
  return lane.samples.reduce((best, sample) => (sample.medianMs < best.medianMs ? sample : best));
}

function times(factor: number): string {
  return `${factor.toFixed(2)} times`;
}

function onThreads({ threads }: Sample): string {
  return threads === 1 ? "one thread" : `${threads} threads`;
}
