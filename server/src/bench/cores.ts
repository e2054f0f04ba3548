/** Which CPUs a run on k cores may use. */
import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";

export interface Cores {
  /** Usable CPUs, one per physical core first; empty where programs cannot be pinned. */
  readonly order: readonly number[];
  /** How many CPUs this process may use. */
  readonly count: number;
  /** Processes that wanted a core in the minute before, on average; 0 where the system does not tell. */
  readonly load: number;
  /** Physical cores among them; absent where the system does not tell. */
  readonly physical?: number;
}

/** A load from here on, per core, takes cores away from what is measured. */
const busyShare = 0.75;

export function isBusy({ load, count }: Cores): boolean {
  return load > busyShare * count;
}

/** Reads the machine. Pinning is done on Linux only: macOS has no affinity, Windows is not supported yet. */
export async function readCores(): Promise<Cores> {
  const count = availableParallelism();
  const load = loadavg()[0] ?? 0;
  if (process.platform !== "linux") {
    return { order: [], count, load };
  }
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const allowed = readCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "");
  const siblings = await Promise.all(
    allowed.map(async (cpu) => {
      const path = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      return readCpuList(await readFile(path, "utf8").catch(() => String(cpu)));
    }),
  );
  const physical = new Set(siblings.map((group) => Math.min(...group))).size;
  return {
    order: physicalFirst(allowed, siblings),
    count: allowed.length || count,
    load,
    ...(physical > 0 && { physical }),
  };
}

/** `0-2,5` is 0, 1, 2, 5. Pure. */
export function readCpuList(list: string): number[] {
  return list
    .trim()
    .split(",")
    .filter(Boolean)
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** One CPU of every physical core, then the second ones: two threads of one core do not scale like two cores. Pure. */
export function physicalFirst(
  allowed: readonly number[],
  siblings: readonly (readonly number[])[],
): number[] {
  const rank = (cpu: number, index: number) =>
    (siblings[index] ?? [cpu]).filter((other) => allowed.includes(other)).indexOf(cpu);
  return allowed
    .map((cpu, index) => ({ cpu, rank: rank(cpu, index) }))
    .sort((a, b) => a.rank - b.rank || a.cpu - b.cpu)
    .map(({ cpu }) => cpu);
}

/** 1, 2, 4, … up to the machine, and the machine itself. Pure. */
export function defaultThreads(count: number): number[] {
  const threads: number[] = [];
  for (let k = 1; k < count; k *= 2) {
    threads.push(k);
  }
  return [...threads, count];
}
