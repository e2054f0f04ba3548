/** What is known of a distribution's version without looking at its files, and since when. Pure. */
import { gte, lt, valid } from "@renovatebot/pep440";
import type { EvidenceItem, VerdictKind } from "../verdict.ts";
import { replacementAdvice, sharingNote, switchAdvice } from "./advice.ts";
import type { PackageFacts, PackageRow } from "./packageFacts.ts";

export type KnownBuild = "3.13t" | "3.14t" | "3.15t";

export interface Known {
  readonly verdict: VerdictKind;
  readonly evidence: EvidenceItem;
  readonly notes: readonly string[];
  readonly advice: readonly string[];
}

interface Statement {
  readonly verdict: VerdictKind;
  readonly source: "data" | "tag";
  /** Continues "as of …: NAME VERSION …". */
  readonly words: string;
}

/**
 * @param version of the distribution; without one the newest version that was seen with a wheel for the build, or at all
 * @returns undefined for distributions nothing is known of
 */
export function knownVerdict(
  facts: PackageFacts,
  distribution: string,
  version: string | undefined,
  build: KnownBuild,
): Known | undefined {
  const day = facts.pureAsOf(distribution);
  if (day !== undefined) {
    const detail = `As of ${day}, ${distribution} was published without compiled code.`;
    return { verdict: "pure", evidence: { source: "data", detail }, notes: [], advice: [] };
  }
  const row = facts.row(distribution);
  if (!row) return undefined;
  // Whoever is free to choose takes the newest version that fits.
  const judged = version ?? row.until?.[build]?.[0] ?? row.latest?.version;
  const statement = stated(row, judged, build);
  const asOf = row.refreshed ?? row.latest?.date ?? facts.checked;
  const what = [distribution, judged].filter(Boolean).join(" ");
  const sources = [row.note, row.source && `Source: ${row.source}.`].filter(Boolean).join(" ");
  const detail = `As of ${asOf}, ${what} ${statement.words}.${sources ? ` ${sources}` : ""}`;
  const bad = statement.verdict === "enables-gil" || statement.verdict === "no-free-threaded-build";
  const need = statement.verdict === "enables-gil" || row.gil !== undefined ? "gil-off" : "wheel";
  const first = bad ? firstSupporting(row, distribution, judged, build, need) : undefined;
  const sharing = statement.verdict === "keeps-gil-off" ? sharingNote(distribution) : undefined;
  return {
    verdict: statement.verdict,
    evidence: { source: statement.source, detail },
    notes: sharing ? [sharing] : [],
    advice: bad ? [first, ...otherAdvice(distribution)].filter((one) => one !== undefined) : [],
  };
}

/** Switches and replacements, for a distribution that is known to be in the way. */
export function otherAdvice(distribution: string): string[] {
  return [switchAdvice(distribution), replacementAdvice(distribution)].filter((one) => one !== undefined);
}

/**
 * The versions to choose from, where they are known: "numpy 2.1.0 to 2.4.6".
 * @param need a wheel that can be loaded, or one that is known to leave the GIL off; being listed by a tracker is neither
 */
export function firstSupporting(
  row: PackageRow,
  distribution: string,
  judged: string | undefined,
  build: KnownBuild,
  need: "wheel" | "gil-off",
): string | undefined {
  const wheel = row.since?.[build];
  const declared = row.declaredSince ?? (row.gil === "declared" ? wheel : undefined);
  if (wheel === undefined) return undefined;
  if (need === "gil-off" && declared === undefined) return undefined;
  const first = need === "gil-off" ? later(wheel, declared!) : wheel;
  const end = row.until?.[build];
  if (end && atLeast(first, end[1])) return undefined;
  if (judged !== undefined && atLeast(judged, first) && !(end && atLeast(judged, end[1]))) return undefined;
  const versions = `${distribution} ${end ? `${first} to ${end[0]}` : `${first} or later`}`;
  return need === "gil-off"
    ? `${versions} keeps the GIL off on ${build}.`
    : `${versions} has wheels for ${build}.`;
}

function stated(row: PackageRow, version: string | undefined, build: KnownBuild): Statement {
  if (row.noExtensionByTag && row.since === undefined && row.tracked === undefined) {
    const words =
      "was published in platform wheels whose tags name no extension module (a program, or a library for ctypes or cffi)";
    return { verdict: "unknown", source: "tag", words };
  }
  const wheel = hasWheel(row, version, build);
  if (wheel === false) {
    return row.optional || row.latest?.pure
      ? {
          verdict: "pure",
          source: "data",
          words: `had no wheel for ${build}, but a pure Python one, which is installed instead`,
        }
      : {
          verdict: "no-free-threaded-build",
          source: "data",
          words: `had no wheel for ${build}; a build from source may work and normally turns the GIL on`,
        };
  }
  const gil = whatItSays(row, version);
  if (gil === "enables-gil") {
    const words = row.declaredSince
      ? `is older than ${row.declaredSince}, the first version to declare that it runs without the GIL`
      : "was reported to turn the GIL on";
    return { verdict: gil, source: "data", words };
  }
  if (wheel === undefined) {
    const seen = row.latest ? ` (newest version seen: ${row.latest.version})` : "";
    return {
      verdict: "unknown",
      source: "data",
      words: `was not known to have or to lack a wheel for ${build}${seen}`,
    };
  }
  if (gil === "keeps-gil-off") {
    return {
      verdict: gil,
      source: "data",
      words: `had wheels for ${build} and declared that it runs without the GIL`,
    };
  }
  if (gil === "tracked") {
    const words = `had wheels for ${build} and was listed as supporting free threading since ${row.tracked} by the compatibility tracker, which is no reading of its files`;
    return { verdict: "unknown", source: "data", words };
  }
  const words = `had wheels for ${build}, which says that it can be loaded and not whether the GIL stays off`;
  return { verdict: "unknown", source: "tag", words };
}

/** True or false where samples decide; undefined between two samples, beyond the newest, and without any. */
export function hasWheel(
  row: PackageRow,
  version: string | undefined,
  build: KnownBuild,
): boolean | undefined {
  const { latest } = row;
  const tag = `cp${build.replace(".", "")}`;
  if (version === undefined || !valid(version)) {
    return row.since?.[build] !== undefined && row.until?.[build] === undefined ? true : undefined;
  }
  if (latest && valid(latest.version) && version === latest.version) {
    if (latest.tags.includes(tag) || latest.tags.includes("abi3t")) return true;
    // Samples of wheels for 3.15t are too few to tell a lack of them.
    return build === "3.15t" && !row.refreshed
      ? undefined
      : latest.tags.length > 0 || row.ft === "unsupported"
        ? false
        : undefined;
  }
  const since = row.since?.[build];
  const until = row.until?.[build];
  if (since === undefined) {
    if (build === "3.15t" && !row.refreshed) return undefined;
    const seen = latest && valid(latest.version) && !lt(latest.version, version);
    return seen && (row.ft === "unsupported" || row.ft === "partial" || row.ft === "supported")
      ? false
      : undefined;
  }
  if (until && atLeast(version, until[1])) return false;
  if (until && !atLeast(until[0], version)) return undefined;
  if (atLeast(version, since)) return true;
  const without = row.without?.[build];
  return without === undefined || atLeast(without, version) ? false : undefined;
}

function whatItSays(
  row: PackageRow,
  version: string | undefined,
): "keeps-gil-off" | "enables-gil" | "tracked" | undefined {
  const declared = row.declaredSince;
  if (row.gil === "conflicting") return undefined;
  if (declared !== undefined && version !== undefined && valid(version)) {
    return atLeast(version, declared) ? "keeps-gil-off" : "enables-gil";
  }
  if (row.gil === "re-enables") return "enables-gil";
  if (row.gil === "declared") return "keeps-gil-off";
  if (row.ft !== "supported" || row.tracked === undefined) return undefined;
  return version === undefined || !valid(version) || atLeast(version, row.tracked) ? "tracked" : undefined;
}

function atLeast(version: string, bound: string): boolean {
  return Boolean(valid(version)) && Boolean(valid(bound)) && gte(version, bound);
}

function later(one: string, other: string): string {
  return atLeast(one, other) ? one : other;
}
