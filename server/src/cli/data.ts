/** `threadproof data refresh`: renews what is known of single packages from the package index, when the user asks. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { normalisedName } from "../environment/distributions.ts";
import { filesOf, IndexFailure, indexUrl } from "../imports/knowledge/indexClient.ts";
import { PackageFacts, type RefreshedFile, readRefreshed } from "../imports/knowledge/packageFacts.ts";
import { rowFrom } from "../imports/knowledge/refresh.ts";
import { refreshedPath } from "../imports/memory.ts";
import { UsageError } from "./loadSources.ts";

interface RefreshFlags {
  readonly indexUrl?: string;
}

export function dataCommand(): Command {
  const refresh = new Command("refresh")
    .description("ask the package index for the wheels of these packages; nothing else is ever sent anywhere")
    .argument("<name...>", "distributions, such as numpy")
    .option(
      "--index-url <url>",
      "the index's simple API (default: PIP_INDEX_URL, pip's configuration, the public index)",
    )
    .action(run)
    .exitOverride();
  return new Command("data")
    .description("what is known of packages without looking at their files")
    .addCommand(refresh);
}

async function run(names: string[], flags: RefreshFlags): Promise<void> {
  const index = indexUrl(flags.indexUrl, process.env);
  const path = refreshedPath(process.env);
  const kept = readRefreshed(path) ?? { version: 1 as const, pure: {}, native: {} };
  const today = new Date().toISOString().slice(0, 10);
  const failures: string[] = [];
  // One after the other: an index is shared by many.
  for (const name of new Set(names.map(normalisedName))) {
    try {
      const row = rowFrom(await filesOf(name, index), today);
      if (row === undefined) throw new IndexFailure(`${name}: the package index lists no wheels of it`);
      take(kept, name, row, today);
      process.stdout.write(`${name}: ${inWords(name, kept)}\n`);
    } catch (error) {
      if (!(error instanceof IndexFailure)) throw error;
      failures.push(error.message);
    }
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(kept));
  if (failures.length > 0) throw new UsageError(failures.join("\nthreadproof: "));
}

function take(
  kept: RefreshedFile,
  name: string,
  row: NonNullable<ReturnType<typeof rowFrom>>,
  today: string,
): void {
  if (row === "pure") {
    kept.pure[name] = today;
    delete kept.native[name];
  } else {
    kept.native[name] = row;
    delete kept.pure[name];
  }
}

function inWords(name: string, kept: RefreshedFile): string {
  const row = kept.native[name];
  if (!row) return "published without compiled code";
  const spans = Object.entries(row.since ?? {}).map(([build, first]) => {
    const end = row.until?.[build as keyof typeof row.until];
    return `${build} ${end ? `${first} to ${end[0]}` : `${first} or later`}`;
  });
  const newest = row.latest ? `newest ${row.latest.version}` : "";
  const disagrees = reportedOtherwise(name, row.since) ? "; reports say that its wheels turn the GIL on" : "";
  return `${newest}; wheels for ${spans.length > 0 ? spans.join(", ") : "no free-threaded build"}${disagrees}`;
}

/** Wheels and reports may disagree: people found the GIL switched on by a package that has free-threaded wheels. */
function reportedOtherwise(name: string, since: object | undefined): boolean {
  return Object.keys(since ?? {}).length > 0 && PackageFacts.load().row(name)?.gil === "re-enables";
}
