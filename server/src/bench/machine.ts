/** What the result has to say about the machine: processor, quota, power. */
import { readdir, readFile } from "node:fs/promises";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import type { Cores } from "./cores.ts";
import type { Machine } from "./result.ts";

/** Everything but the load after the run. */
export async function readMachine(cores: Cores): Promise<Omit<Machine, "loadAfter">> {
  const [quotaCpus, onBattery] = await Promise.all([readQuota(), readBattery()]);
  return {
    system: `${process.platform} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: cores.count,
    loadBefore: Number(cores.load.toFixed(2)),
    ...(cores.physical !== undefined && { physicalCores: cores.physical }),
    ...(quotaCpus !== undefined && { quotaCpus }),
    ...(onBattery !== undefined && { onBattery }),
  };
}

export function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

/** The tightest CPU quota of this process's control groups, in CPUs; undefined where there is none. */
async function readQuota(): Promise<number | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  const groups = await readFile("/proc/self/cgroup", "utf8").catch(() => "");
  const limits: number[] = [];
  for (const line of groups.split("\n")) {
    const [, controllers = "", path] = line.split(":");
    if (path === undefined) continue;
    const unified = controllers === "";
    if (!unified && !controllers.split(",").includes("cpu")) continue;
    const root = unified ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${controllers}`;
    const parts = path.split("/").filter(Boolean);
    // In a container the path may be the host's: the root itself is looked at in any case.
    for (let length = parts.length; length >= 0; length--) {
      const folder = join(root, ...parts.slice(0, length));
      const limit = unified
        ? readCpuMax(await text(join(folder, "cpu.max")))
        : readCpuMax(
            `${await text(join(folder, "cpu.cfs_quota_us"))} ${await text(join(folder, "cpu.cfs_period_us"))}`,
          );
      if (limit !== undefined) limits.push(limit);
    }
  }
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** `150000 100000` is 1.5 CPUs; `max 100000` and `-1 100000` are no limit. Pure. */
export function readCpuMax(content: string): number | undefined {
  const [quota, period] = content.trim().split(/\s+/).map(Number);
  return quota && period && quota > 0 && period > 0 ? quota / period : undefined;
}

/** Undefined on machines without a battery, and where the system does not tell. */
async function readBattery(): Promise<boolean | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  const root = "/sys/class/power_supply";
  const supplies = await readdir(root).catch(() => [] as string[]);
  const states = await Promise.all(
    supplies.map(async (name) => ({
      type: (await text(join(root, name, "type"))).trim(),
      status: (await text(join(root, name, "status"))).trim(),
    })),
  );
  const batteries = states.filter(({ type, status }) => type === "Battery" && status !== "");
  return batteries.length > 0 ? batteries.some(({ status }) => status === "Discharging") : undefined;
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
