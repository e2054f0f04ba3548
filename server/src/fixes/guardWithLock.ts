// "Guard with a lock": the statements that must not be interrupted, under the lock that guards the data
// already or under a new one that lives where the data lives.
import type { Finding, GuardRequest } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { existingLock } from "./existingLock.ts";
import { Refusal, type TextEdit, type TextFix } from "./fix.ts";
import { refuseHazards } from "./hazards.ts";
import { newLock } from "./newLock.ts";
import { LocalCalls, mentions } from "./reentrance.ts";
import { isInsideWith, type Region, regionOf, wrapInWith } from "./region.ts";
import { binds } from "./scopes.ts";
import { Source } from "./source.ts";

/** A lock as the guarded code names it, and what has to be added for it to exist. */
export interface LockChoice {
  readonly expression: string;
  readonly edits: readonly TextEdit[];
  readonly title: string;
}

export function guardWithLock(finding: Finding, guard: GuardRequest, tree: CompactTree): TextFix {
  const source = new Source(finding.path, tree);
  try {
    const region = regionOf(tree, guard.region.start, guard.region.end);
    const lock = chooseLock(source, finding, guard, region);
    if (isInsideWith(source, region, lock.expression)) {
      throw new Refusal(`\`${lock.expression}\` is held here already.`);
    }
    refuseHazards(tree, region, tree.enclosing(finding.range.start, finding.range.end), lock.expression);
    refuseLateReceiver(tree, region, lock.expression);
    return {
      title: lock.title,
      edits: [...lock.edits, ...wrapInWith(source, region, lock.expression)],
      isPreferred: true,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { title: "Guard with a lock", edits: [], isPreferred: false, disabled: error.reason };
  }
}

function chooseLock(source: Source, finding: Finding, guard: GuardRequest, region: Region): LockChoice {
  if (guard.existingLock !== undefined) return existingLock(source, guard, guard.existingLock, region);
  // A function called from the region will want the same lock once its own access is guarded.
  const callsBack = new LocalCalls(source.tree).reaches(region, (fn) =>
    mentions(source.tree, fn, guard.name),
  );
  return newLock(source, finding, guard, region, callsBack === undefined ? "Lock" : "RLock");
}

/** The lock is looked up before the region runs, so the region must not decide whose lock it is. */
function refuseLateReceiver(tree: CompactTree, region: Region, lock: string): void {
  const root = /^\w+/.exec(lock)?.[0] ?? "";
  if (lock.includes(".") && binds(tree, region.statements, root)) {
    throw new Refusal(`\`${root}\` is bound inside the code that needs its lock.`);
  }
}
