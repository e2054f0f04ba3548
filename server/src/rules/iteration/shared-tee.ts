// D5: the branches of `itertools.tee` share one buffer and one source; only `threading.concurrent_tee` locks them.
import type { Access, Call } from "../../facts/facts.ts";
import type { RelatedLocation } from "../../findings/finding.ts";
import { EvidenceFinder } from "../../program/evidence.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

/** Longest text between two unpacked names, or between the last name and the call: `) = `. */
const widestGap = 4;

export default defineFileRule(
  {
    name: "shared-tee",
    summary: "Branches of one itertools.tee are advanced by several threads.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("itertools.tee")) {
      const branches = branchesOf(view, call);
      const meeting = meetingUses(view, branches);
      if (meeting === undefined) continue;
      const symbol = branches.map(
        (place) => view.file.place(place).path.at(-1) ?? view.file.place(place).name,
      );
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: symbol.join(", "),
        message: `The branches ${symbol.map((name) => `\`${name}\``).join(" and ")} share the source and the buffer of one tee, and several threads advance them: a thread can raise RuntimeError or a free-threaded build can crash. ${view.target === "3.15" ? "Use threading.concurrent_tee." : "Make a list first, or use threading.concurrent_tee from 3.15 on."}`,
        evidence: "proven" as const,
        related: meeting,
      };
    }
  },
);

/** Places of the names that the call's result is unpacked into; empty when it is not unpacked. */
function branchesOf(view: FileView, call: Call): number[] {
  const { bindings } = view.file.facts;
  const branches: number[] = [];
  let next = call.start;
  for (let i = bindings.length - 1; i >= 0; i -= 1) {
    const { fn, value, place, start, end } = bindings[i]!;
    if (fn !== call.fn || value !== "other" || end >= next || next - end > widestGap) continue;
    branches.unshift(place);
    next = start;
  }
  return branches.length > 1 ? branches : [];
}

/** Two places that advance branches on different threads; one place twice when several threads run it. */
function meetingUses(view: FileView, branches: readonly number[]): RelatedLocation[] | undefined {
  const finder = new EvidenceFinder(view.program, view.intent);
  const uses = branches.flatMap((place) => {
    const location = view.program.locations.of(view.file, view.file.place(place));
    return location === undefined ? [] : advancesOf(location).map((site) => ({ site, location }));
  });
  for (const { site, location } of uses) {
    for (const { site: other } of uses) {
      if (shareLock(view, site, other)) continue;
      if (finder.find(site, other, location)?.evidence !== "proven") continue;
      return [site, other].map(({ file, access }) => ({
        path: file.path,
        range: file.rangeOf(file.facts.accesses[access]!),
        message: "a branch is advanced here",
      }));
    }
  }
  const starts = startsWith(view, branches);
  for (const [i, call] of starts.entries()) {
    const other = starts.slice(i + 1).find((next) => isStillRunning(view.file, call, next));
    if (other === undefined) continue;
    return [call, other].map(({ start, end }) => ({
      path: view.file.path,
      range: view.file.range(start, end),
      message: "a branch is handed to a thread here",
    }));
  }
  return undefined;
}

/** Calls that give branches to threads: `Thread(target=save, args=(left,))`. */
function startsWith({ file, program }: FileView, branches: readonly number[]): Call[] {
  const starts = new Set(program.concurrency.entries.filter((e) => e.file === file).map((e) => e.start));
  return file.facts.calls.filter(
    (call) =>
      starts.has(call.start) &&
      call.args.some((arg) => [arg.place, ...arg.elements].some((place) => branches.includes(place))),
  );
}

/** Whether the function that starts a thread comes to the next start before it waits for the first. */
function isStillRunning({ facts }: FileNode, first: Call, next: Call): boolean {
  if (next.fn !== first.fn) return false;
  const around = new Set<number>();
  for (let c = next.context; c !== 0; c = facts.contexts[c]!.parent) around.add(c);
  // Behind `with ThreadPoolExecutor() as pool:` all of its tasks are done.
  for (let c = first.context; c !== 0; c = facts.contexts[c]!.parent) if (!around.has(c)) return false;
  return !facts.calls.some((call) => {
    if (call.fn !== first.fn || call.callee < 0) return false;
    if (call.start < first.start || call.start > next.start) return false;
    const { name, path } = facts.places[call.callee]!;
    return /^(join|result|wait|shutdown)$/.test(path.at(-1) ?? name);
  });
}

function advancesOf(location: Location): Site[] {
  return location.sites.filter((site) => isAdvance(accessOf(site)));
}

function isAdvance({ op, detail }: Access): boolean {
  return op === "iterate" || (op === "method" && detail === "__next__");
}

function shareLock({ program }: FileView, a: Site, b: Site): boolean {
  const [held, others] = [a, b].map((s) =>
    program.locksets.held(s.file, accessOf(s).fn, accessOf(s).context),
  );
  return [...held!].some((lock) => others!.has(lock));
}
