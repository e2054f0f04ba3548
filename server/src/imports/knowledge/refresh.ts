/** Makes a row of package facts from all files of a package: exact for wheels, silent about what only people find out. Pure. */
import { compare, valid } from "@renovatebot/pep440";
import type { IndexedFile } from "./indexClient.ts";
import type { KnownBuild } from "./knownVerdict.ts";
import { listedBuild } from "./listedWheels.ts";
import type { PackageRow } from "./packageFacts.ts";

const builds: readonly KnownBuild[] = ["3.13t", "3.14t", "3.15t"];

interface Release {
  readonly version: string;
  readonly wheels: readonly string[];
  readonly day: string | undefined;
}

/** @returns `pure` when the newest release has no compiled wheel, undefined when there is no release with wheels */
export function rowFrom(files: readonly IndexedFile[], today: string): PackageRow | "pure" | undefined {
  const releases = releasesOf(files);
  const newest = releases.filter(({ version }) => !isPrerelease(version)).at(-1) ?? releases.at(-1);
  if (!newest) return undefined;
  if (newest.wheels.every((wheel) => wheel.endsWith("-any.whl"))) return "pure";
  const row: PackageRow = {
    refreshed: today,
    latest: {
      version: newest.version,
      date: newest.day ?? today,
      tags: freeThreadedTags(newest.wheels),
      pure: newest.wheels.some((wheel) => wheel.endsWith("-any.whl")),
    },
    ft: builds.some((build) => listedBuild(newest.wheels, build) === "loads") ? "partial" : "unsupported",
    ...(newest.wheels.some((wheel) => wheel.endsWith("-any.whl")) && { optional: true as const }),
  };
  return { ...row, ...spans(releases) };
}

/** For each build the first version with wheels, the last before it without, and where they stopped again. */
function spans(releases: readonly Release[]): Pick<PackageRow, "since" | "without" | "until"> {
  const since: Partial<Record<KnownBuild, string>> = {};
  const without: Partial<Record<KnownBuild, string>> = {};
  const until: Partial<Record<KnownBuild, [string, string]>> = {};
  for (const build of builds) {
    const has = releases.map(({ wheels }) => listedBuild(wheels, build) === "loads");
    const first = has.indexOf(true);
    const last = has.lastIndexOf(true);
    if (first < 0) continue;
    since[build] = releases[first]!.version;
    const before = releases[first - 1];
    if (before) without[build] = before.version;
    const after = releases[last + 1];
    if (after) until[build] = [releases[last]!.version, after.version];
  }
  return { since, without, until };
}

function releasesOf(files: readonly IndexedFile[]): Release[] {
  const found = new Map<string, { version: string; wheels: string[]; day: string | undefined }>();
  for (const { name, day } of files) {
    const version = name.endsWith(".whl") ? name.split("-")[1] : undefined;
    if (version === undefined || !valid(version)) continue;
    const known = found.get(version) ?? { version, wheels: [], day };
    known.wheels.push(name);
    found.set(version, known);
  }
  return [...found.values()].sort((a, b) => compare(a.version, b.version));
}

function freeThreadedTags(wheels: readonly string[]): string[] {
  const tags = wheels.flatMap((wheel) =>
    wheel
      .replace(/\.whl$/, "")
      .split("-")
      .at(-2)!
      .split("."),
  );
  return [...new Set(tags.filter((tag) => /^cp\d+t$|^abi3t$/.test(tag)))].sort();
}

function isPrerelease(version: string): boolean {
  return /[abc]\d|rc\d|dev/.test(version);
}
