// I9: `while not self._done: time.sleep(0.1)`. The flag is read and set safely; time and cores are what is lost.
import type { Access, Call } from "../../facts/facts.ts";
import type { RelatedLocation } from "../../findings/finding.ts";
import { keyOf } from "../../program/fileNode.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import type { Race } from "../../program/races.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { loopAround } from "../shapes/tightLoop.ts";
import { traceOf } from "../threadReach.ts";

/** A loop that works and then sleeps for less than this many seconds hears of its end soon enough. */
const shortSleep = 0.1;

interface Polling {
  /** The `while` loop, an index of the file's contexts. */
  readonly loop: number;
  /** Its one sleep, if any. */
  readonly sleep: Call | undefined;
  /** The access to the flag in its condition, an index of the file's accesses. */
  readonly asked: number;
  /** What the flag is set to when the loop is over. */
  readonly ends: "True" | "False";
}

export default defineFileRule(
  {
    name: "polled-flag",
    summary: "A thread waits for another by asking a flag again and again.",
    family: "scaling",
    severity: "hint",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file } = view;
    for (const polling of pollings(view)) {
      const access = file.facts.accesses[polling.asked]!;
      const location = view.program.locationOf(file, access);
      // A private flag of another file's class is not to be changed from here.
      if (location === undefined || (location.file !== file && location.name.startsWith("_"))) continue;
      if (!isPlainFlag(location) || isSetBySignal(view, location)) continue;
      const race = view.races.find({ file, access: polling.asked }, location, {
        conflicts: (other) => other.op === "rebind" && other.view === polling.ends,
        withItself: false,
        unlocked: true,
      });
      if (race === undefined) continue;
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: view.textOf(file.place(access.place)),
        message: messageOf(view, polling, access, race),
        evidence: race.evidence,
        related: related(view, location, race),
      };
    }
  },
);

/** The `while` loops over one name that spin, only sleep, or sleep between two rounds of work. */
function* pollings(view: FileView): Iterable<Polling> {
  const { contexts, accesses, functions } = view.file.facts;
  const loops = new Map<number, Call | undefined>();
  contexts.forEach(({ kind, detail }, at) => {
    if (kind === "loop" && detail === "spins") loops.set(at, undefined);
  });
  for (const call of view.callsTo("time.sleep")) {
    const loop = call.discarded ? loopAround(view, call.context) : undefined;
    if (loop !== undefined && !loops.has(loop)) loops.set(loop, call);
  }
  for (const [loop, sleep] of loops) {
    const test = contexts[loop + 1];
    if (test?.kind !== "test" || test.parent !== loop || !test.repeats || test.to - test.from !== 1) continue;
    const condition = /^\(?(not\s+)?\(?[\w.]+\)*$/.exec(test.detail);
    if (condition === null || accesses[test.from]!.op !== "read" || functions[test.fn]!.isAsync) continue;
    if (contexts[loop]!.detail === "" && (sleep === undefined || isShort(sleep))) continue;
    yield { loop, sleep, asked: test.from, ends: condition[1] === undefined ? "False" : "True" };
  }
}

function isShort({ args }: Call): boolean {
  const literal = args[0]?.literal ?? "";
  return literal !== "" && Number(literal) < shortSleep;
}

/** It is True or False wherever it is bound, and nothing else is done with it but reading. */
function isPlainFlag(location: Location): boolean {
  return location.sites.every((site) => {
    const { op, view } = accessOf(site);
    return op === "read" || op === "argument" || op === "escape" || (op === "rebind" && view !== "");
  });
}

/** An event's lock may be held by the very thread that the signal interrupts: there a flag is right. */
function isSetBySignal(view: FileView, { sites }: Location): boolean {
  const reached = new Set<number>();
  for (const call of view.callsTo("signal.signal")) {
    const handler = view.argument(call, "handler", 1);
    if (handler === undefined) continue;
    const { file, program } = view;
    const entity = handler.place < 0 ? undefined : program.resolver.path(file, file.place(handler.place));
    if (handler.lambda >= 0) reached.add(keyOf(file, handler.lambda));
    else if (entity?.kind === "function" || entity?.kind === "method")
      reached.add(keyOf(entity.ref.file, entity.ref.index));
  }
  for (const from of reached) {
    for (const { fn } of view.program.callGraph.calleesOf(from)) reached.add(keyOf(fn.file, fn.index));
  }
  return sites.some(
    (site) => accessOf(site).op === "rebind" && reached.has(keyOf(site.file, accessOf(site).fn)),
  );
}

function messageOf(view: FileView, polling: Polling, { place }: Access, { other, evidence, ...race }: Race) {
  const flag = view.textOf(view.file.place(place));
  const until = `until \`${nameOf(other)}\` sets it to ${polling.ends}`;
  const isWaiting = view.file.facts.contexts[polling.loop]!.detail !== "";
  const seconds = polling.sleep?.args[0]?.literal ?? "";
  const late = seconds === "" ? "up to a whole sleep" : `up to ${seconds} s`;
  const loss =
    polling.sleep === undefined
      ? `This loop asks \`${flag}\` without a pause ${until}: it keeps a whole core busy with waiting, which a free-threaded build could give to another thread.`
      : isWaiting
        ? `This loop wakes up again and again to ask \`${flag}\` ${until}, and notices it late, by ${late}.`
        : `This loop asks \`${flag}\` between two sleeps ${until}: whoever stops it waits for the sleep to end, for ${late}.`;
  const route = race.route ?? race.otherRoute;
  const runner =
    race.route === undefined
      ? nameOf(other)
      : view.nameOf({ file: view.file, index: view.file.facts.contexts[polling.loop]!.fn });
  const because =
    evidence === "proven" && route !== undefined ? ` \`${runner}\` runs in ${route.entry.label}.` : "";
  const remedy = isWaiting
    ? "A `threading.Event` wakes the waiting thread at once: `wait()` here, `set()` there."
    : "With a `threading.Event` in its place, `wait(seconds)` sleeps no longer than until `set()`.";
  return `${loss} Reading and setting the flag is safe; a plain variable just has no way to wake a thread.${because} ${remedy}`;
}

/** Where the flag is set, how the thread gets there, and one use in each other file. */
function related(view: FileView, { sites }: Location, { other, route, otherRoute }: Race): RelatedLocation[] {
  const elsewhere = new Map(sites.filter(({ file }) => file !== view.file).map((site) => [site.file, site]));
  elsewhere.delete(other.file);
  const at = (site: Site, message: string): RelatedLocation => ({
    path: site.file.path,
    range: site.file.rangeOf(accessOf(site)),
    message,
  });
  const started = route ?? otherRoute;
  return [
    at(other, `\`${nameOf(other)}\` sets it here`),
    ...[...elsewhere.values()].map((site) => at(site, `\`${nameOf(site)}\` uses it, too`)),
    ...(started === undefined ? [] : traceOf(started)),
  ];
}

function nameOf({ file, access }: Site): string {
  return file.facts.functions[file.facts.accesses[access]!.fn]!.qualifiedName;
}
