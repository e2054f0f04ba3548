// E11: fork copies one thread only, and every lock in the state in which the other threads had it.
import type { Call } from "../../facts/facts.ts";
import type { CallSite } from "../../program/callGraph.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { ThreadEntry } from "../../program/threadEntries.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { type Reach, traceOf } from "../threadReach.ts";

const forks = ["os.fork", "os.forkpty", "pty.fork"];
const threads = ["threading.Thread", "threading.Timer"];
const forkingMethod = ["multiprocessing.get_context", "multiprocessing.set_start_method"];

export default defineFileRule(
  {
    name: "fork-with-threads",
    summary: "A process with several threads is forked.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const calls = [...view.callsTo(...forks).filter((call) => !runsProgram(view, call)), ...methods(view)];
    for (const call of calls) {
      const meeting = runningThreads(view, call);
      if (meeting === undefined) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.externalName(call.callee)!,
        message: `${meeting.because} fork copies only the thread that calls it: locks that other threads hold at that moment, those of logging and of the memory allocator included, stay locked in the child for ever. Use subprocess, or multiprocessing with "spawn" or "forkserver".`,
        evidence: meeting.evidence,
        related: meeting.trace,
      };
    }
  },
);

function methods(view: FileView): Call[] {
  return view
    .callsTo(...forkingMethod)
    .filter((call) => /^["']fork["']$/.test(view.argument(call, "method", 0)?.literal ?? ""));
}

/** The child that calls exec at once gets a fresh process, which is what fork is for. */
function runsProgram(view: FileView, fork: Call): boolean {
  return view.file.facts.calls.some(
    (call) =>
      call.fn === fork.fn &&
      call.start > fork.start &&
      call.callee >= 0 &&
      /^os\.(exec\w+|posix_spawnp?)$/.test(view.externalName(call.callee) ?? ""),
  );
}

type Meeting = Pick<Reach, "because" | "evidence" | "trace">;

/** Which threads there are at a fork: it is called in one, or behind the start of one. */
function runningThreads(view: FileView, call: Call): Meeting | undefined {
  const reach = view.reach(call.fn);
  if (reach?.evidence === "proven") return reach;
  const here: CallSite = { file: view.file, call };
  const callers = view.program.callGraph.callersOf(keyOf(view.file, call.fn));
  for (const site of call.fn === 0 ? [here] : [here, ...callers]) {
    if (isBehindJoin(view, site)) continue;
    const because = "A thread has been started before the program gets here.";
    const entry = view.program.concurrency.entries.find((e) => isStartedBefore(e, site));
    if (entry !== undefined) return { because, evidence: "proven", trace: traceOf({ entry, calls: [] }) };
    // What the thread runs may be unknown; that it is there suffices.
    const thread = view.callsTo(...threads).find((made) => isMadeBefore(view, made, site));
    if (thread === undefined) continue;
    const range = view.file.range(thread.start, thread.end);
    return {
      because,
      evidence: "proven",
      trace: [{ path: view.file.path, range, message: "the thread is made here" }],
    };
  }
  return undefined;
}

function isMadeBefore(view: FileView, made: Call, { file, call }: CallSite): boolean {
  return file === view.file && made.fn === call.fn && made.end <= call.start;
}

function isStartedBefore(entry: ThreadEntry, { file, call }: CallSite): boolean {
  return entry.file === file && entry.starter === call.fn && entry.end <= call.start;
}

/** `thread.join()`; `", ".join(names)` and `os.path.join` have an argument. */
function isBehindJoin(view: FileView, { file, call }: CallSite): boolean {
  return (
    file === view.file &&
    view
      .callsNamed("join")
      .some((join) => join.fn === call.fn && join.end <= call.start && join.args.length === 0)
  );
}
