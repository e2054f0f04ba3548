/** What keeps a threaded program from gaining: locks, shared objects, garbage, tasks too small. Pure. */
import { basename } from "node:path";
import { type Chief, canTell, type Evidence, goodEfficiency, percent } from "./evidence.ts";
import type { Link, Reason } from "./result.ts";
import type { LockReport } from "./runReport.ts";

/** Shares of all threads' time, or of the wall time, from which on something counts as a cause. */
const waitingShare = 0.15;
const holdingShare = 0.4;
const collectingShare = 0.1;
/** Of the times a lock was taken: less is a lock that is merely used. */
const contendedShare = 0.02;
/** A task that computes for less than this costs about as much to hand over, nanoseconds. */
const smallTaskNs = 100_000;
const leastTasks = 100;

/** Asked only about programs that gain less than the machine could give. Most important first. */
export function scalingReasons(evidence: Evidence, chief: Chief): Reason[] {
  const locks = lockReasons(evidence, chief);
  return [
    ...locks,
    ...smallTasks(evidence, chief),
    ...garbage(evidence),
    ...sharedObjects(evidence, chief, locks.length > 0),
  ];
}

/** The lock most waited for; or one that a rule has found in a hot loop, and that was waited for at all. */
function lockReasons({ measurement: { probe, plan }, places }: Evidence, { most }: Chief): Reason[] {
  const hottest = probe?.locks[0];
  if (!probe || !hottest) {
    return [];
  }
  const waited = hottest.waitedNs / (probe.wallNs * most);
  const held = hottest.heldNs / probe.wallNs;
  const rule = places.find((place) => place.rule === "lock-in-hot-loop");
  const measured = hottest.contended >= contendedShare * hottest.acquired && waited >= waitingShare;
  if (!measured && held < holdingShare && !rule) {
    return [];
  }
  const place = linkOf(hottest.waitedAt) ?? rule?.link ?? linkOf(hottest.madeAt);
  const where = place ? ` at ${shown(place, plan.file)}` : "";
  const cost = measured
    ? `threads wait for it during ${percent(waited)} of their time`
    : `some thread has it during ${percent(Math.min(held, 1))} of the time`;
  return [
    {
      kind: "hot-lock",
      message: `All threads take one lock${where}: ${cost}. Do more outside it, or give each thread data of its own and merge at the end.`,
      evidence: lockEvidence(hottest, rule?.rule),
      ...(place && { link: place }),
    },
  ];
}

function lockEvidence({ acquired, contended, waitedNs, heldNs, madeAt }: LockReport, rule?: string): string {
  const made = linkOf(madeAt);
  const origin = made ? ` (made at ${basename(made.path)}:${made.line})` : "";
  const ms = (ns: number) => `${(ns / 1e6).toFixed(0)} ms`;
  const known = rule ? `; the analysis reports ${rule}` : "";
  return `In a run apart the lock${origin} was taken ${acquired} times, ${contended} of them after waiting, held for ${ms(heldNs)} and waited for ${ms(waitedNs)} in all${known}.`;
}

function garbage({ measurement: { probe } }: Evidence): Reason[] {
  if (!probe || probe.collectingNs < collectingShare * probe.wallNs) {
    return [];
  }
  return [
    {
      kind: "garbage-collection",
      message: `Collecting garbage takes ${percent(probe.collectingNs / probe.wallNs)} of the time, and all threads stop for it: create fewer containers, or raise gc.set_threshold() or call gc.freeze() and measure again.`,
      evidence: `In a run apart the collector ran ${probe.collections} times, ${(probe.collectingNs / 1e6).toFixed(0)} ms in all.`,
    },
  ];
}

function smallTasks({ measurement: { probe, plan, warmUps } }: Evidence, { lane, most }: Chief): Reason[] {
  const threads =
    warmUps.find((one) => one.lane === lane.id && one.threads === most)?.report.threadsStarted ?? 0;
  const tasks = Math.max(probe?.tasks ?? 0, plan.mode === "program" ? threads : 0);
  const totalNs = lane.samples[0]!.medianMs * 1e6;
  if (plan.mode === "function-strong") {
    const perCall = totalNs / plan.function!.calls;
    return perCall / most < smallTaskNs
      ? [
          {
            kind: "small-tasks",
            message: `One call takes ${(perCall / 1e3).toFixed(0)} µs: too little to split over ${most} workers.`,
            evidence: `${plan.function!.calls} calls took ${lane.samples[0]!.medianMs.toFixed(0)} ms on one worker.`,
          },
        ]
      : [];
  }
  if (tasks < leastTasks || totalNs / tasks >= smallTaskNs) {
    return [];
  }
  const each = (totalNs / tasks / 1e3).toFixed(0);
  return [
    {
      kind: "small-tasks",
      message: `Each of ${tasks} tasks computes for about ${each} µs, hardly more than handing it to a thread costs: give each task a larger piece.`,
      evidence: `Tasks were counted in a run apart; the whole program takes ${lane.samples[0]!.medianMs.toFixed(0)} ms on one core.`,
    },
  ];
}

/** A known place, or, in function mode, that processes do what threads do not. */
function sharedObjects(
  { measurement: { plan }, lanes, places }: Evidence,
  chief: Chief,
  hotLock: boolean,
): Reason[] {
  const slow = places.filter(({ slows, rule }) => slows && !(hotLock && rule === "lock-in-hot-loop"));
  const [first] = slow.length > 0 ? slow : hotLock || !canTell(chief) ? [] : places;
  const processes = lanes.find(({ workers }) => workers === "processes")?.samples.at(-1);
  const apart = processes !== undefined && processes.speedup >= goodEfficiency * chief.possible;
  const shared = `threads gain ${chief.speedup.toFixed(2)} times of the ${chief.possible.toFixed(2)} that this machine gave to independent loops`;
  if (first) {
    const verb = first.slows ? "uses" : "changes";
    return [
      {
        kind: "shared-object",
        message: `All threads use \`${first.symbol}\`: line ${first.link.line} ${verb} it, and every use costs a reference count or a lock that only one core can hold at a time. Give each thread its own, or use it less often.`,
        evidence: `${capital(shared)}${apart ? `, while processes gain ${processes.speedup.toFixed(2)} times` : ""}; the analysis reports ${first.rule} at that line.`,
        link: first.link,
      },
    ];
  }
  if (apart && !hotLock && canTell(chief) && plan.mode !== "program") {
    return [
      {
        kind: "shared-object",
        message:
          "Processes scale where threads do not, so threads share an object that they write or merely read: even reading one costs a reference count that only one core can hold at a time.",
        evidence: `${capital(shared)}, while processes gain ${processes.speedup.toFixed(2)} times; no lock was waited for much.`,
      },
    ];
  }
  return [];
}

function linkOf(place: string | null): Link | undefined {
  const found = /^(.+):(\d+)$/.exec(place ?? "");
  return found ? { path: found[1]!, line: Number(found[2]) } : undefined;
}

function shown({ path, line }: Link, program: string): string {
  return path === program ? `line ${line}` : `${basename(path)}:${line}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
