/** Medians and their intervals. Pure. */
import { binomialDistribution, max, median, min } from "simple-statistics";

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
