/** Medians, their intervals, ratios of them, and values far off the others. Pure. */
import { binomialDistribution, max, median, medianAbsoluteDeviation, min } from "simple-statistics";

export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Median with a distribution-free 95 % interval from order statistics; fewer than six values cannot give
 * one at that level, then it is their whole range.
 * @param values at least one
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let cut = 0;
  if (n >= 6) {
    const probabilities = binomialDistribution(n, 0.5) ?? [];
    let below = 0;
    for (let k = 0; k < n / 2; k++) {
      below += probabilities[k] ?? 0;
      if (below > 0.025) {
        break;
      }
      cut = k;
    }
  }
  return {
    median: median(sorted),
    low: sorted[cut] ?? min(sorted),
    high: sorted[n - 1 - cut] ?? max(sorted),
  };
}

/** Width of the interval relative to the median; 0 when the median is 0. */
export function relativeWidth({ median: middle, low, high }: Interval): number {
  return middle === 0 ? 0 : (high - low) / middle;
}

/** How many times as large `one` is as `other`; the ends of both intervals against each other, rather too wide. */
export function ratio(one: Interval, other: Interval): Interval {
  const divided = (a: number, b: number) => (b > 0 ? a / b : 1);
  return {
    median: divided(one.median, other.median),
    low: divided(one.low, other.high),
    high: divided(one.high, other.low),
  };
}

/** Scaled to a normal distribution's standard deviation; beyond this many of them a value is an outlier. */
const deviationScale = 1.4826;
const farOff = 3.5;
/** Runs that agree to the last microsecond would make outliers of values that nobody calls so, as a share of the median. */
const leastDistance = 0.02;

/** Values far off the median, measured in median absolute deviations; none among fewer than five. */
export function outliers(values: readonly number[]): number[] {
  if (values.length < 5) {
    return [];
  }
  const middle = median([...values]);
  const spread = medianAbsoluteDeviation([...values]) * deviationScale;
  const limit = Math.max(farOff * spread, leastDistance * middle);
  return values.filter((value) => Math.abs(value - middle) > limit);
}
