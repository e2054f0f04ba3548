// I5: a daemon thread is stopped wherever it stands when the program ends, in the middle of a file if need be.
import type { Call } from "../../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { ThreadEntry } from "../../program/threadEntries.ts";
import type { FileView } from "../fileView.ts";
import { startingCall } from "../offLoop.ts";
import { defineFileRule } from "../rule.ts";

/** How deep the thread's calls are followed. */
const deepestCall = 2;

export default defineFileRule(
  {
    name: "daemon-owns-resource",
    summary: "A daemon thread that nobody joins writes files, and is cut off when the program ends.",
    family: "thread lifecycle",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    if (view.callsNamed("Thread").length === 0) return;
    for (const entry of view.program.concurrency.entries) {
      if (entry.file !== view.file || entry.label !== "a thread") continue;
      const call = startingCall(entry);
      if (call === undefined || !isDaemon(call) || isJoined(view, call)) continue;
      const writing = firstWrite(view, entry);
      if (writing === undefined) continue;
      const target = view.nameOf(entry.fn);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: target,
        message: `\`${target}\` writes a file in a daemon thread that nobody joins. When the main thread ends, the interpreter stops it wherever it is: the file may lack its end, and no \`finally\` runs. Leave daemon=True away, or tell the thread to stop and join it before the program ends.`,
        evidence: "likely",
        related: [
          {
            path: writing.file.path,
            range: writing.file.range(writing.call.start, writing.call.end),
            message: "the thread opens it for writing here",
          },
        ],
      };
    }
  },
);

function isDaemon({ args }: Call): boolean {
  return args.some(({ keyword, literal }) => keyword === "daemon" && literal === "True");
}

/** Whether somebody in the file joins the thread, or threads at all when it has no name. */
function isJoined(view: FileView, made: Call): boolean {
  const joins = view.callsNamed("join").map((call) => view.receiver(call));
  if (made.result < 0) return joins.some((receiver) => receiver?.root === "local");
  const text = view.textOf(view.file.place(made.result));
  return joins.some((receiver) => receiver !== undefined && view.textOf(receiver) === text);
}

/** Where the thread's function, or one that it calls, opens a file for writing. */
function firstWrite(view: FileView, { fn }: ThreadEntry): { file: FileNode; call: Call } | undefined {
  let edge: Ref[] = [fn];
  const seen = new Set<number>();
  for (let depth = 0; depth <= deepestCall; depth += 1) {
    const next: Ref[] = [];
    for (const { file, index } of edge) {
      const key = keyOf(file, index);
      if (seen.has(key)) continue;
      seen.add(key);
      const call = file.facts.calls.find((c) => c.fn === index && opensForWriting(file, c));
      if (call !== undefined) return { file, call };
      next.push(...view.program.callGraph.calleesOf(key).map((callee) => callee.fn));
    }
    edge = next;
  }
  return undefined;
}

function opensForWriting(file: FileNode, { callee, args }: Call): boolean {
  if (callee < 0) return false;
  const { name, path } = file.place(callee);
  const last = path.at(-1) ?? name;
  if (/^write_(text|bytes)$/.test(last)) return true;
  if (last !== "open") return false;
  // The mode comes second for open(), first for Path.open().
  return args.some(
    ({ keyword, literal }) =>
      (keyword === "" || keyword === "mode") && /^["'][rbt]*[wax+][bt+]*["']$/.test(literal),
  );
}
