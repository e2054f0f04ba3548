// Applies the fixes of whole files, in rounds: fixes that touch each other wait for the next round, which is made
// from a new analysis.
import type { Finding } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { applyEdits, type TextEdit, type TextFix } from "./fix.ts";
import { fixesFor } from "./fixesFor.ts";
import type { Sources } from "./source.ts";

/** An analysis whose texts can be changed. */
export interface FixableProgram extends Sources {
  /** Findings of the text as it stands, those that the user does not want to hear of left out. */
  findings(path: string): readonly Finding[];
  text(path: string): string | undefined;
  update(path: string, text: string): void;
}

export interface FixAllRequest {
  /** Files to fix, and the only ones that may be changed. */
  readonly paths: readonly string[];
  /** Also fixes that may change what a program with one thread does; then the preferred ones. */
  readonly unsafe: boolean;
}

export interface AppliedFix {
  readonly finding: Finding;
  readonly title: string;
}

export interface FixAllResult {
  /** What was done, in the order it was done; positions are those of the text at that time. */
  readonly applied: readonly AppliedFix[];
  /** New texts of the files that changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether the rounds came to an end by themselves. */
  readonly isComplete: boolean;
}

/** More rounds than fixes that touch each other can need in a file that a person wrote. */
const maxRounds = 100;

/** The program holds the new texts afterwards. */
export function fixAll(program: FixableProgram, { paths, unsafe }: FixAllRequest): FixAllResult {
  const wanted = new Set(paths);
  const before = new Map<string, string>();
  const applied: AppliedFix[] = [];
  const refused = new Set<string>();
  let open: readonly string[] = paths;
  let round = 0;
  for (; round < maxRounds && open.length > 0; round += 1) {
    const chosen = new Round(wanted);
    for (const path of open) {
      const findings = program.findings(path);
      if (findings.length === 0 || program.tree(path)?.hasError !== false) continue;
      for (const finding of findings) {
        const fix = choose(fixesFor(finding, program), unsafe);
        if (fix !== undefined && !refused.has(keyOf({ finding, fix }))) chosen.take(finding, fix);
      }
    }
    if (chosen.fixes.length === 0) {
      // A change in one file can give fixes to another, so the last look is at all of them.
      open = open === paths ? [] : paths;
      continue;
    }
    // One that breaks its file would take the others back with it: then they come one by one.
    const done = change(program, chosen.fixes, before) ? chosen.fixes : chosen.fixes.slice(0, 1);
    const isBreaking = done !== chosen.fixes && !change(program, done, before);
    if (isBreaking) refused.add(keyOf(done[0]!));
    else applied.push(...done.map(({ finding, fix }) => ({ finding, title: fix.title })));
    const touched = new Set(chosen.fixes.flatMap(({ fix }) => fix.edits.map((edit) => edit.path)));
    open = paths.filter((path) => touched.has(path) || chosen.deferred.has(path));
  }
  const texts = new Map<string, string>();
  for (const [path, text] of before) {
    const now = program.text(path);
    if (now !== undefined && now !== text) texts.set(path, now);
  }
  return { applied, texts, isComplete: open.length === 0 };
}

interface Chosen {
  readonly finding: Finding;
  readonly fix: TextFix;
}

/** Fixes of one round, of which none comes near another. */
class Round {
  readonly fixes: Chosen[] = [];
  /** Files with findings whose fix was not taken. */
  readonly deferred = new Set<string>();
  private readonly spans: { path: string; start: number; end: number }[] = [];

  constructor(private readonly allowed: ReadonlySet<string>) {}

  take(finding: Finding, fix: TextFix): void {
    const spans = spansOf(fix.edits);
    if (spans.some(({ path }) => !this.allowed.has(path))) return;
    const isFree = spans.every(
      ({ path, start, end }) =>
        !this.spans.some((taken) => taken.path === path && taken.start <= end && start <= taken.end),
    );
    if (!isFree) {
      this.deferred.add(finding.path);
      return;
    }
    this.spans.push(...spans);
    this.fixes.push({ finding, fix });
  }
}

/** From a fix's first edit of a file to its last: what lies between may depend on both. */
function spansOf(edits: readonly TextEdit[]): { path: string; start: number; end: number }[] {
  const spans = new Map<string, { path: string; start: number; end: number }>();
  for (const { path, start, end } of edits) {
    const span = spans.get(path);
    spans.set(path, {
      path,
      start: Math.min(start, span?.start ?? start),
      end: Math.max(end, span?.end ?? end),
    });
  }
  return [...spans.values()];
}

function choose(fixes: readonly TextFix[], unsafe: boolean): TextFix | undefined {
  const possible = fixes.filter((fix) => fix.disabled === undefined && fix.edits.length > 0);
  return (
    possible.find((fix) => fix.isSafe === true) ??
    (unsafe ? possible.find((fix) => fix.isPreferred) : undefined)
  );
}

/**
 * Makes the edits of these fixes, all or none of them.
 * @returns false when a file would be broken, or nothing would change
 */
function change(program: FixableProgram, fixes: readonly Chosen[], before: Map<string, string>): boolean {
  const edits = fixes.flatMap(({ fix }) => fix.edits);
  const old = new Map<string, string>();
  for (const { path } of edits) {
    const text = program.text(path);
    if (text === undefined) return false;
    old.set(path, text);
  }
  let isChanged = false;
  for (const [path, text] of old) {
    const own = edits.filter((edit) => edit.path === path);
    const changed = applyEdits(text, own);
    isChanged ||= changed !== text;
    program.update(path, changed);
  }
  if (!isChanged || [...old.keys()].some((path) => isBroken(program.tree(path)))) {
    for (const [path, text] of old) program.update(path, text);
    return false;
  }
  for (const [path, text] of old) if (!before.has(path)) before.set(path, text);
  return true;
}

function isBroken(tree: CompactTree | undefined): boolean {
  return tree === undefined || tree.hasError;
}

function keyOf({ finding, fix }: Chosen): string {
  return `${finding.path} ${finding.rule} ${finding.symbol} ${finding.function} ${fix.title}`;
}
