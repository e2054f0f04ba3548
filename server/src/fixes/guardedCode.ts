// The pieces of code that are to run under one lock: whole statements, with pieces that touch each other joined.
import type { GuardSite, SourceRange } from "../findings/finding.ts";
import { Refusal } from "./fix.ts";
import type { SourceOf } from "./guardWithLock.ts";
import { type Region, regionOf } from "./region.ts";
import { functionAround } from "./scopes.ts";
import type { Source } from "./source.ts";

export interface GuardedCode {
  readonly source: Source;
  readonly region: Region;
  /** The function or lambda around it; 0 at the top level. */
  readonly fn: number;
  /** One of the places in it, for how the code names the data. */
  readonly site: GuardSite;
  /** All accesses in it that need the lock. */
  readonly accesses: readonly SourceRange[];
}

/** In the order of the text, file by file. */
export function guardedCode(sites: readonly GuardSite[], sourceOf: SourceOf): GuardedCode[] {
  if (sites.length === 0) throw new Refusal("There is nothing left that a lock would guard.");
  const pieces: GuardedCode[] = [];
  for (const site of sites) {
    const source = sourceOf(site.path);
    let piece = pieceOf(source, site, site.region, [site.access]);
    for (let i = 0; i < pieces.length; ) {
      const other = pieces[i]!;
      if (!touches(piece, other)) {
        i += 1;
        continue;
      }
      pieces.splice(i, 1);
      piece = pieceOf(source, other.site, union(piece, other), [...other.accesses, ...piece.accesses]);
      i = 0; // what has grown may touch others
    }
    pieces.push(piece);
  }
  return pieces.sort((a, b) =>
    a.source === b.source ? startOf(a) - startOf(b) : a.source.path < b.source.path ? -1 : 1,
  );
}

function pieceOf(
  source: Source,
  site: GuardSite,
  { start, end }: { start: number; end: number },
  accesses: readonly SourceRange[],
): GuardedCode {
  const region = regionOf(source.tree, start, end);
  return { source, region, fn: functionAround(source.tree, region.statements[0]!), site, accesses };
}

const startOf = ({ source, region }: GuardedCode) => source.tree.start(region.statements[0]!);
const endOf = ({ source, region }: GuardedCode) => source.tree.end(region.statements.at(-1)!);

function union(a: GuardedCode, b: GuardedCode): { start: number; end: number } {
  return { start: Math.min(startOf(a), startOf(b)), end: Math.max(endOf(a), endOf(b)) };
}

/** Whether one lies in the other, or they are neighbours in a block with nothing between. */
function touches(a: GuardedCode, b: GuardedCode): boolean {
  if (a.source !== b.source) return false;
  const [first, second] = startOf(a) <= startOf(b) ? [a, b] : [b, a];
  if (startOf(second) < endOf(first)) {
    if (a.fn !== b.fn) {
      throw new Refusal("One function that needs the lock is defined inside code that needs it too.");
    }
    return true;
  }
  if (a.region.block !== b.region.block) return false;
  const { tree, text } = a.source;
  const between = text.slice(endOf(first), startOf(second));
  // Statements of one line cannot be taken apart twice.
  return (
    tree.next(first.region.statements.at(-1)!) === second.region.statements[0] || !between.includes("\n")
  );
}
