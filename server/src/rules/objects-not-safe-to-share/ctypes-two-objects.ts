// F9: one ctypes object has a lock; the memory behind it has none, and a second object leads there too.
import type { Access, Call } from "../../facts/facts.ts";
import { EvidenceFinder } from "../../program/evidence.ts";
import type { FileNode } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "ctypes-two-objects",
    summary: "Threads use different ctypes objects that stand for the same memory.",
    family: "objects not safe to share",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const [source, calls] of objectsBySource(view)) {
      const places = [...new Set([source, ...calls.map(({ result }) => result)])];
      const meeting = meetingOf(view, places);
      if (meeting === undefined) continue;
      const call = calls.find(({ result }) => meeting.places.includes(result))!;
      const [one, two] = meeting.places.map((place) => `\`${view.textOf(view.file.place(place))}\``);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.textOf(view.file.place(call.result)),
        message: `${one} and ${two} stand for the same memory, and two threads use them at once: a ctypes object guards itself only, so a thread can read what the other has half written. Use one object, or hold one lock around both.`,
        evidence: "proven" as const,
        related: meeting.accesses.map((access) => ({
          path: view.file.path,
          range: view.file.rangeOf(access),
          message: "the memory is used here",
        })),
      };
    }
  },
);

/** Calls that make a ctypes object for the memory of another object, by that object's place. */
function objectsBySource(view: FileView): Map<number, Call[]> {
  const groups = new Map<number, Call[]>();
  if (!view.file.facts.imports.some(({ module }) => module === "ctypes")) return groups;
  const calls = [
    ...view.callsTo("ctypes.pointer", "ctypes.cast"),
    ...view.callsNamed("from_buffer", "from_address"),
  ];
  for (const call of calls) {
    const source = call.args[0]?.place ?? -1;
    if (source < 0 || call.result < 0) continue;
    groups.set(source, [...(groups.get(source) ?? []), call]);
  }
  return groups;
}

/** Two accesses on different threads, one of them a store, through different objects. */
function meetingOf(view: FileView, places: readonly number[]) {
  const { file, program } = view;
  const finder = new EvidenceFinder(program, view.intent);
  const uses = places.flatMap((place) =>
    file.facts.accesses.flatMap((access, index) =>
      access.fn > 0 && isThrough(file, access, place) ? [{ place, access, index }] : [],
    ),
  );
  for (const one of uses.filter(({ access }) => stores(access))) {
    const location = program.locations.of(file, file.place(one.place));
    if (location === undefined) continue;
    for (const two of uses) {
      if (two.place === one.place || shareLock(view, one.access, two.access)) continue;
      const meeting = finder.find({ file, access: one.index }, { file, access: two.index }, location);
      if (meeting?.evidence !== "proven") continue;
      return { places: [one.place, two.place], accesses: [one.access, two.access] };
    }
  }
  return undefined;
}

function isThrough(file: FileNode, access: Access, base: number): boolean {
  const of = file.place(base);
  const at = file.place(access.place);
  return (
    at.root === of.root &&
    at.owner === of.owner &&
    at.name === of.name &&
    of.path.every((name, i) => at.path[i] === name)
  );
}

function stores({ op }: Access): boolean {
  return op === "rebind" || op === "augment" || op === "item-store" || op === "item-augment";
}

function shareLock({ file, program }: FileView, one: Access, two: Access): boolean {
  const [held, others] = [one, two].map(({ fn, context }) => program.locksets.held(file, fn, context));
  return [...held!].some((lock) => others!.has(lock));
}
