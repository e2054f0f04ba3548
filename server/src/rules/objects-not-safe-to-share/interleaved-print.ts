// F3: one `print` writes each argument, each separator and the end of the line by a call of its own.
import type { Call } from "../../facts/facts.ts";
import { EvidenceFinder, type Meeting } from "../../program/evidence.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

export default defineFileRule(
  {
    name: "interleaved-print",
    summary: "Several threads print to one stream, each in several writes.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("print")) {
      if (view.program.locksets.held(view.file, call.fn, call.context).size > 0 || writes(call) < 2) continue;
      const stream = call.args.find(({ keyword }) => keyword === "file");
      const isStandard = stream === undefined || /^sys\.std(out|err)$/.test(nameOf(view, stream.place));
      const found = isStandard ? standard(view, call) : shared(view, call, stream.place);
      if (found === undefined) continue;
      const { symbol, ...issue } = found;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol,
        message: `This print writes to \`${symbol}\` ${writes(call)} times; what another thread writes in between lands in the middle of the line. ${found.because} Build the line first and write it at once, \`write(f"…\\n")\`, or use logging.`,
        ...issue,
      };
    }
  },
);

/** How many times a call of print writes: once for each argument, separator and end. */
function writes({ args }: Call): number {
  const given = (name: string) => args.find(({ keyword }) => keyword === name)?.literal;
  const count = args.filter(({ keyword }) => keyword === "").length;
  const isEmpty = (text: string | undefined) => text === '""' || text === "''";
  return count + (isEmpty(given("sep")) ? 0 : Math.max(0, count - 1)) + (isEmpty(given("end")) ? 0 : 1);
}

function nameOf(view: FileView, place: number): string {
  return place < 0 ? "" : (view.externalName(place) ?? "");
}

/** Lines on the terminal: worth a hint, and only where the parts of a line are split by more than its end. */
function standard(view: FileView, call: Call) {
  if (call.args.filter(({ keyword }) => keyword === "").length < 2) return undefined;
  const reach = view.reach(call.fn);
  if (reach?.evidence !== "proven" || !reach.parallel) return undefined;
  const { because, trace } = reach;
  return {
    symbol: "sys.stdout",
    evidence: "proven" as const,
    severity: "hint" as const,
    because,
    related: trace,
  };
}

/** A stream that several threads know. */
function shared(view: FileView, call: Call, place: number) {
  const location = place < 0 ? undefined : view.program.locations.of(view.file, view.file.place(place));
  if (location === undefined || location.holding.classes.length > 0) return undefined;
  const prints = location.sites.filter(({ file, access }) => {
    const { op, detail } = file.facts.accesses[access]!;
    return (op === "argument" && detail === "print") || (op === "method" && detail === "write");
  });
  const site = prints.find((s) => s.file === view.file && isWithin(accessOf(s), call));
  if (site === undefined) return undefined;
  const meeting = meet(view, site, prints, location);
  // Reports printed by whoever asks for them: nothing speaks of several threads.
  if (meeting === undefined || meeting.evidence === "exposed") return undefined;
  const reach = view.reach(call.fn);
  const route = meeting.route ?? meeting.otherRoute;
  return {
    symbol: view.textOf(view.file.place(place)),
    evidence: meeting.evidence,
    because: reach?.because ?? "",
    related: meeting.evidence === "proven" && route !== undefined ? traceOf(route) : [],
  };
}

function meet(
  { program, intent }: FileView,
  site: Site,
  others: readonly Site[],
  location: Location,
): Meeting | undefined {
  const finder = new EvidenceFinder(program, intent);
  const meetings = [site, ...others].map((other) => finder.find(site, other, location));
  return meetings.find((m) => m?.evidence === "proven") ?? meetings.find((m) => m !== undefined);
}

function isWithin(inner: { start: number; end: number }, outer: { start: number; end: number }): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
