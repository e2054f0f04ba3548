// Makes a lock where the data lives, named after the data.
import type { GuardRequest } from "../../findings/finding.ts";
import { copiesObjects } from "../copies/evidence.ts";
import { Refusal } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import type { SourceOf } from "../source.ts";
import { closureLock } from "./closureLock.ts";
import { classLock, instanceLock } from "./instanceLock.ts";
import type { LockChoice, LockOrder, NewLock } from "./lockChoice.ts";
import { moduleLock } from "./moduleLock.ts";
import { lockNameFor } from "./names.ts";
import { lockClass } from "./threadingImport.ts";

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
