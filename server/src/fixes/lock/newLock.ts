// Makes a lock where the data lives, named after the data.
import type { GuardRequest } from "../../findings/finding.ts";
import { copiesObjects } from "../copies/evidence.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import type { LockChoice, SourceOf } from "../guardWithLock.ts";
import type { GuardedCode } from "../region/guardedCode.ts";
import type { Source } from "../source.ts";
import { closureLock } from "./closureLock.ts";
import { classLock, instanceLock } from "./instanceLock.ts";
import { moduleLock } from "./moduleLock.ts";
import { lockNameFor } from "./names.ts";
import { type LockClass, lockClass } from "./threadingImport.ts";

/** What the makers of locks need to know. */
export interface LockOrder {
  /** The file that owns the data. */
  readonly source: Source;
  readonly guard: GuardRequest;
  /** What is to run under the lock, in this and other files. */
  readonly code: readonly GuardedCode[];
  readonly cls: LockClass;
  /** The name to use, before a look at what is taken. */
  readonly name: string;
}

/** A new lock, or one that an earlier fix has made: then there are no edits that make it. */
export interface NewLock {
  readonly nameAt: (code: GuardedCode) => string;
  /** Edits of the file that owns the data, and of those that have to import the lock. */
  readonly edits: readonly TextEdit[];
  readonly isKnown: boolean;
  readonly cost?: string;
  /** Whether it changes more of a class than its `__init__`, which nobody wants unasked. */
  readonly needsClick?: true;
}

export function newLock(
  guard: GuardRequest,
  code: readonly GuardedCode[],
  sourceOf: SourceOf,
  kind: "Lock" | "RLock",
): LockChoice {
  const first = code[0]!.source;
  const source = guard.home === undefined ? first : sourceOf(guard.home.path);
  if (guard.home === undefined && code.some((one) => one.source !== source)) {
    throw new Refusal("The data belongs to no file under analysis, so there is no place for a common lock.");
  }
  const order: LockOrder = {
    source,
    guard,
    code,
    // Who copies the object meanwhile takes the lock a second time in `__getstate__`.
    cls: lockClass(source, guard.scope === "instance" && copiesObjects(code) ? "RLock" : kind),
    name: lockNameFor(code.some(({ hasCompanions }) => hasCompanions) ? "" : guard.name),
  };
  const { nameAt, edits, isKnown, cost, needsClick } = make(order);
  return {
    nameAt,
    edits: isKnown ? edits : [...order.cls.edits, ...edits],
    isNew: !isKnown,
    ...(cost !== undefined && !isKnown && { cost }),
    ...(needsClick && { needsClick }),
  };
}

function make(order: LockOrder): NewLock {
  switch (order.guard.scope) {
    case "module":
      return moduleLock(order);
    case "class":
      return classLock(order);
    case "instance":
      return instanceLock(order);
    case "closure":
      return closureLock(order);
  }
}
