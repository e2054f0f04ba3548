/** The one sentence that a person can repeat; it claims only what the run can carry. Pure. */
import { fastest, gainOf, onThreads, times } from "./report/ratios.ts";
import type { BenchMode, Lane, Reason, Sample } from "./result.ts";
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
  /** What a thread count means; `program` when absent. */
  readonly mode?: BenchMode;
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
  return new Sentence(pair, circumstances).text(has("short-run"), has("few-rounds"));
}

/** The sentence about a program that computes on threads. */
class Sentence {
  private readonly mode: BenchMode;

  constructor(
    private readonly pair: LanePair,
    private readonly circumstances: Circumstances,
  ) {
    this.mode = circumstances.mode ?? "program";
  }

  text(short: boolean, few: boolean): string {
    const { cores, busy } = this.circumstances;
    const { free } = this.pair;
    const [alone, ...wider] = free.samples;
    const best = wider.reduce<Sample | undefined>(
      (leader, one) => (leader && leader.speedup >= one.speedup ? leader : one),
      undefined,
    );
    if (!alone || !best || cores === 1) {
      return `This run does not tell whether ${this.what()} scales: it was measured on one core only.`;
    }
    if (short) {
      return `${this.untold(alone, best)}; give it about a second of work.`;
    }
    // Other programs take cores away from the runs with many threads, so a clear gain holds all the more.
    const gain = gainOf(alone, best, this.mode);
    if (busy && !(best.speedup >= scales && gain.low >= scales)) {
      return `${this.untold(alone, best)} on a busy machine; close other programs and measure again.`;
    }
    const advice = "close other programs or measure for longer";
    const suffix = busy ? ", though other programs were running" : few ? ", in a few rounds only" : "";
    if (best.speedup >= scales) {
      return gain.low > 1
        ? `Scales without the GIL: ${this.gained(best)}${this.compared()}${suffix}.`
        : `${this.untold(alone, best)}; ${advice}.`;
    }
    const open = wider.find((one) => gainOf(alone, one, this.mode).high >= halfTheGain(one, cores));
    return open
      ? `${this.untold(alone, open)}; ${advice}.`
      : `Does not scale yet: without the GIL ${this.gained(best)}${suffix}.`;
  }

  private what(): string {
    return this.mode === "program" ? "the program" : "the function";
  }

  private gained(sample: Sample): string {
    const { free } = this.pair;
    return this.mode === "function-weak"
      ? `${free.id} does ${times(sample.speedup)} as much work on ${onThreads(sample)} as on one`
      : `${free.id} is ${times(sample.speedup)} as fast on ${onThreads(sample)} as on one`;
  }

  private untold(alone: Sample, sample: Sample): string {
    const { low, high } = gainOf(alone, sample, this.mode);
    const bounds = high > low ? ` (${low.toFixed(2)} to ${high.toFixed(2)})` : "";
    const { free } = this.pair;
    const found =
      this.mode === "function-weak"
        ? `${free.id} did ${times(sample.speedup)} as much work on ${onThreads(sample)}`
        : `${free.id} was ${times(sample.speedup)} as fast on ${onThreads(sample)}`;
    return `This run does not tell whether ${this.what()} scales: ${found}${bounds}`;
  }

  /** How the free-threaded build at its best compares with the default build at its best, as far as the run tells. */
  private compared(): string {
    const { withGil, free } = this.pair;
    const { factor, low, high } = gainOf(fastest(withGil, this.mode), fastest(free, this.mode), this.mode);
    const much = this.mode === "function-weak" ? "as much as" : "as fast as";
    if (low > 1) {
      return ` and ${times(factor)} ${much} ${withGil.id} at its best`;
    }
    return high < 1
      ? `, yet takes ${times(1 / factor)} as long as ${withGil.id} at its best`
      : `, and about ${much} ${withGil.id} at its best`;
  }
}

/** A run that leaves so much speedup possible cannot deny that the program scales. */
function halfTheGain({ threads }: Sample, cores: number): number {
  return (1 + Math.min(threads, cores)) / 2;
}
