// The pieces of code that are to run under one lock: whole statements, with pieces that touch each other joined.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { GuardRequest, GuardSite, SourceRange } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal } from "../fix.ts";
import { isLong } from "../hazards/hazards.ts";
import { isReentrant } from "../hazards/reentrance.ts";
import { binds, functionAround } from "../scopes.ts";
import type { Source, SourceOf } from "../source.ts";
import type { GuardedCode, Region } from "./codeUnderLock.ts";
import { belongsTo, changedBeside, changeIn, isAlike, isBeside } from "./companions.ts";
import { headOfLoop } from "./loopTest.ts";
import { decidingIf, isLight, isShort, reachOf } from "./reach.ts";
import { regionOf } from "./region.ts";

interface Guarded extends Pick<GuardRequest, "existingLock" | "name" | "scope" | "through"> {
  /** Whether one place of several is guarded, without what else is changed there. */
  readonly isAlone?: boolean;
}

/** Neighbouring statements longer than this stay outside, unless they call nothing of weight. */
const mostLines = 15;

/**
 * In the order of the text, file by file.
 * @param guard says what the data is called, and which lock guards it already
 */
export function guardedCode(sites: readonly GuardSite[], sourceOf: SourceOf, guard: Guarded): GuardedCode[] {
  if (sites.length === 0) throw new Refusal("There is nothing left that a lock would guard.");
  const pieces = piecesOf(sites, sourceOf, guard, new Set());
  // What one piece changes together with the data is changed together with it in the others as well.
  const together = guard.isAlone
    ? []
    : pieces.flatMap(({ source: { tree }, region, site }) => [
        ...changedBeside(tree, region, guard, site.receiver),
      ]);
  const whole = together.length === 0 ? pieces : piecesOf(sites, sourceOf, guard, new Set(together));
  return whole
    .map((piece) => ({ ...piece, region: headOfLoop(piece, guard.name) ?? piece.region }))
    .sort((a, b) =>
      a.source === b.source ? startOf(a) - startOf(b) : a.source.path < b.source.path ? -1 : 1,
    );
}

/** @param together what else belongs to the state, as the code names it */
function piecesOf(
  sites: readonly GuardSite[],
  sourceOf: SourceOf,
  guard: Guarded,
  together: ReadonlySet<string>,
): GuardedCode[] {
  const pieces: GuardedCode[] = [];
  for (const site of sites) {
    const source = sourceOf(site.path);
    const known = sites.flatMap(({ path, access }) => (path === site.path ? [access] : []));
    let piece = reaching(source, pieceOf(source, site, site.region, [site.access]), guard, known, together);
    for (let i = 0; i < pieces.length; ) {
      const other = pieces[i]!;
      if (!touches(piece, other)) {
        i += 1;
        continue;
      }
      pieces.splice(i, 1);
      piece = {
        ...pieceOf(source, other.site, union(piece, other), [...other.accesses, ...piece.accesses]),
        reachesOut: piece.reachesOut || other.reachesOut,
        hasCompanions: piece.hasCompanions || other.hasCompanions,
      };
      i = 0; // what has grown may touch others
    }
    pieces.push(piece);
  }
  return pieces;
}

function pieceOf(
  source: Source,
  site: GuardSite,
  { start, end }: { start: number; end: number },
  accesses: readonly SourceRange[],
): GuardedCode {
  const region = regionOf(source.tree, start, end);
  const fn = functionAround(source.tree, region.statements[0]!);
  return { source, region, fn, site, accesses, reachesOut: false, hasCompanions: false };
}

/** The object by the name that the code there has for it: `r.pos` is guarded by `r._pos_lock`. */
function asWritten(
  tree: CompactTree,
  site: GuardSite,
  region: Region,
  { name, scope, through }: Guarded,
): GuardSite {
  if (scope !== "instance" || site.receiver === undefined) return site;
  const between = through === undefined ? "" : `.${through}`;
  const { start, end } = site.access;
  const from = tree.enclosing(start, end);
  for (let node = from; node < tree.subtreeEnd(from); node += 1) {
    if (tree.kind(node) !== Kind.Attribute || tree.start(node) < start || tree.end(node) > end) continue;
    if (tree.source(tree.child(node, Field.Attribute)) !== name) continue;
    const written = tree.source(tree.child(node, Field.Object));
    if (!written.endsWith(between)) continue;
    const object = written.slice(0, written.length - between.length);
    const [root] = object.split(".");
    if (/^[\w.]+$/.test(object) && !binds(tree, region.statements, root!))
      return { ...site, receiver: object };
  }
  return site;
}

/** The piece with the neighbours that its operation relies on. */
function reaching(
  source: Source,
  piece: GuardedCode,
  guard: Guarded,
  known: readonly SourceRange[],
  together: ReadonlySet<string>,
): GuardedCode {
  const { tree, text } = source;
  const lock = guard.existingLock;
  const isPlain = lock !== undefined && !isReentrant(tree, lock);
  const held = lock?.replace(/^(self|cls)(?=\.)/, (root) => piece.site.receiver ?? root);
  const isAllowed = (statement: number) => {
    if (isLight(tree, statement, known, held)) return true;
    const lines = text.slice(tree.start(statement), tree.end(statement)).split("\n").length;
    return !isPlain && lines <= mostLines && isShort(tree, statement) && !isLong(tree, statement);
  };
  const written = asWritten(tree, piece.site, piece.region, guard);
  const own = guard.isAlone ? [] : piece.region.statements.map((statement) => changeIn(tree, statement));
  let hasCompanions = false;
  const isCompanion = (statement: number, { statements }: Region) => {
    const change = changeIn(tree, statement);
    const isLike = change !== undefined && own.some((one) => one !== undefined && isAlike(one, change));
    const isCounted = isLike && isBeside(tree, statement, change.of, guard.scope, written.receiver);
    const here = { block: 0, statements };
    const isPart =
      isCounted ||
      (together.size > 0 &&
        belongsTo(tree, statement, together, changedBeside(tree, here, guard, written.receiver)));
    hasCompanions ||= isPart;
    return isPart;
  };
  const region = reachOf(tree, piece.region, piece.site.nearby ?? [], isAllowed, isCompanion);
  const added = region.statements.filter((statement) => !piece.region.statements.includes(statement));
  const site = asWritten(tree, piece.site, region, guard);
  return {
    ...piece,
    site,
    region,
    hasCompanions,
    reachesOut: added.some((statement) => !isLight(tree, statement, known, held)),
  };
}

const startOf = ({ source, region }: GuardedCode) => source.tree.start(region.statements[0]!);
const endOf = ({ source, region }: GuardedCode) => source.tree.end(region.statements.at(-1)!);

function union(a: GuardedCode, b: GuardedCode): { start: number; end: number } {
  return { start: Math.min(startOf(a), startOf(b)), end: Math.max(endOf(a), endOf(b)) };
}

/** Whether a test that decides on the code stays outside, so that it may be outdated when the code runs. */
export function leavesTest({ source, region, site }: GuardedCode): boolean {
  return decidingIf(source.tree, region, site.nearby ?? []) !== 0;
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
