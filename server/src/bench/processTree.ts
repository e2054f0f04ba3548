/**
 * Ends a program and everything it has started. On POSIX each run leads a process group of its own; on
 * Linux every process of a run also carries a mark in its environment, which finds those that made
 * themselves a new session. On Windows `taskkill /T` follows the parents.
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

export const markVariable = "THREADPROOF_RUN";

/** A program that multiplies faster than it can be ended would keep us here forever. */
const maximumSweeps = 200;

/**
 * Ends all processes of a run; returns when none is left.
 * @param pid the leader, which may have ended already
 * @param mark value of `markVariable` in the run's environment
 * @param graceMs how long they may take to end by themselves, milliseconds
 * @returns how many processes besides the leader had to be ended, as far as it can be known
 */
export async function endTree(pid: number, mark: string, graceMs: number): Promise<number> {
  if (process.platform === "win32") {
    await execa("taskkill", ["/PID", String(pid), "/T", "/F"], { reject: false, windowsHide: true });
    return 0;
  }
  const others = new Set<number>();
  const graceEnd = performance.now() + graceMs;
  let quiet = 0;
  for (let sweep = 0; sweep < maximumSweeps && quiet < 3; ) {
    const marked = await markedProcesses(mark);
    const late = performance.now() >= graceEnd;
    const group = signal(-pid, late ? "SIGKILL" : 0);
    if (!group && marked.length === 0) {
      break;
    }
    if (late) {
      sweep += 1;
      // A group that only consists of zombies still takes signals; the marks tell on Linux that nobody lives.
      quiet = process.platform === "linux" && marked.length === 0 ? quiet + 1 : 0;
      for (const other of marked) {
        signal(other, "SIGKILL");
        if (other !== pid) {
          others.add(other);
        }
      }
    }
    await delay(5);
  }
  return others.size;
}

/** Kills the group at once, for a process that is itself about to end. */
export function endGroupNow(pid: number): void {
  if (process.platform !== "win32") {
    signal(-pid, "SIGKILL");
  }
}

/** @returns false when there is no such process or group. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Live processes of this run. Empty where there is no /proc. */
export async function markedProcesses(mark: string): Promise<number[]> {
  if (process.platform !== "linux") {
    return [];
  }
  const needle = Buffer.from(`${markVariable}=${mark}\0`);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A zombie has an empty environment, another user's process an unreadable one.
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined);
      return environment?.includes(needle) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
