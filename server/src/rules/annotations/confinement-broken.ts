// A declared confinement, `# thread-confined`: no two threads that the program itself starts may come there.
import type { Confinement } from "../../program/annotations.ts";
import { EvidenceFinder, type Meeting } from "../../program/evidence.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import { symbolOf } from "../accessView.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";

/** More pairs of accesses than this are not looked at: the first dozens tell. */
const mostSites = 60;

export default defineFileRule(
  {
    name: "confinement-broken",
    summary: "Data with a `# thread-confined` comment is used by two threads.",
    family: "annotations",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    if (!program.annotations.confinesAny) return;
    const looked = new Set<Location>();
    for (const access of file.facts.accesses) {
      const location = program.locationOf(file, access);
      if (location === undefined || looked.has(location)) continue;
      looked.add(location);
      const confinement = program.annotations.confinementOf(location);
      const meeting = confinement === undefined ? undefined : firstMeeting(view, location);
      // One file speaks for a location that many files use.
      if (meeting?.site.file === file) yield broken(meeting, location, confinement!);
    }
  },
);

interface Met extends Meeting {
  readonly site: Site;
  readonly other: Site;
}

/** The first two accesses, in order of files and positions, that the program lets meet. One at least is no mere look. */
function firstMeeting({ program, intent, races }: FileView, location: Location): Met | undefined {
  const evidence = new EvidenceFinder(program, intent);
  const sites = location.sites
    .filter((site) => races.isConcurrentPlace(site))
    .sort(inOrder)
    .slice(0, mostSites);
  for (const site of sites) {
    for (const other of sites) {
      if (isRead(site) && isRead(other)) continue;
      const meeting = evidence.find(site, other, location);
      // The access told is one that a thread of the program makes.
      if (meeting?.evidence === "proven" && meeting.route !== undefined) return { ...meeting, site, other };
    }
  }
  return undefined;
}

function broken(
  { site, other, route, otherRoute }: Met,
  location: Location,
  confinement: Confinement,
): Issue {
  const access = accessOf(site);
  const symbol = symbolOf(location);
  const nameOf = (at: Site) => at.file.facts.functions[accessOf(at).fn]!.qualifiedName;
  const entry = route!.entry;
  const who =
    site === other || otherRoute?.entry === entry
      ? `several threads run \`${nameOf(site)}\``
      : `\`${nameOf(site)}\` runs in ${entry.label} and \`${nameOf(other)}\` in ${otherRoute?.entry.label ?? "another one"}`;
  return {
    start: access.start,
    end: access.end,
    fn: access.fn,
    symbol,
    message: `\`${symbol}\` is declared to be confined to one thread, but ${who}, so what one of them does to it reaches the other halfway.`,
    evidence: "proven",
    related: [
      {
        path: confinement.file.path,
        range: confinement.file.range(confinement.span.start, confinement.span.end),
        message: `\`${symbol}\` is declared to be confined here`,
      },
      {
        path: entry.file.path,
        range: entry.file.range(entry.start, entry.end),
        message: `the thread is started here`,
      },
      ...(site === other
        ? []
        : [
            {
              path: other.file.path,
              range: other.file.rangeOf(accessOf(other)),
              message: `\`${nameOf(other)}\` uses it here`,
            },
          ]),
    ],
  };
}

function isRead(site: Site): boolean {
  return accessOf(site).op === "read";
}

function inOrder(a: Site, b: Site): number {
  if (a.file !== b.file) return a.file.path < b.file.path ? -1 : 1;
  return accessOf(a).start - accessOf(b).start;
}
