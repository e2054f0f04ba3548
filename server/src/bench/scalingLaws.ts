/** Fits two laws of scaling to a lane's speedups, where the data support it. Pure. */
import type { Fit, Sample } from "./result.ts";

/** Two unknowns need more than two points besides the first, which is 1 by definition. */
const leastCounts = 4;

/**
 * @param cores thread counts beyond them show the scheduler, not the program
 * @returns undefined with fewer than four thread counts within the cores
 */
export function fitLaws(samples: readonly Sample[], cores: number): Fit | undefined {
  const points = samples.filter(({ threads, speedup }) => threads <= cores && speedup > 0);
  if (points.length < leastCounts) {
    return undefined;
  }
  const serial = amdahl(points);
  const usl = scalability(points);
  return {
    serialFraction: rounded(serial),
    amdahlError: rounded(error(points, (k) => 1 / (serial + (1 - serial) / k))),
    contention: rounded(usl.contention),
    coherency: rounded(usl.coherency),
    uslError: rounded(error(points, (k) => k / (1 + usl.contention * (k - 1) + usl.coherency * k * (k - 1)))),
  };
}

/** T(k)/T(1) = s + (1-s)/k is linear in s: least squares through the origin, held within 0 and 1. */
function amdahl(points: readonly Sample[]): number {
  let above = 0;
  let below = 0;
  for (const { threads: k, speedup } of points) {
    const x = 1 - 1 / k;
    above += x * (1 / speedup - 1 / k);
    below += x * x;
  }
  return Math.min(1, Math.max(0, above / below));
}

/** k/S(k) - 1 = a(k-1) + b k(k-1): least squares in two unknowns, neither below 0. */
function scalability(points: readonly Sample[]): { contention: number; coherency: number } {
  let xx = 0;
  let xz = 0;
  let zz = 0;
  let xy = 0;
  let zy = 0;
  for (const { threads: k, speedup } of points) {
    const x = k - 1;
    const z = k * (k - 1);
    const y = k / speedup - 1;
    xx += x * x;
    xz += x * z;
    zz += z * z;
    xy += x * y;
    zy += z * y;
  }
  const determinant = xx * zz - xz * xz;
  const contention = (xy * zz - zy * xz) / determinant;
  const coherency = (zy * xx - xy * xz) / determinant;
  if (coherency < 0) {
    return { contention: Math.max(0, xy / xx), coherency: 0 };
  }
  if (contention < 0) {
    return { contention: 0, coherency: Math.max(0, zy / zz) };
  }
  return { contention, coherency };
}

/** Root mean square of the relative differences between the law's and the measured speedups. */
function error(points: readonly Sample[], law: (threads: number) => number): number {
  const squares = points.map(({ threads, speedup }) => (law(threads) / speedup - 1) ** 2);
  return Math.sqrt(squares.reduce((total, square) => total + square, 0) / squares.length);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
