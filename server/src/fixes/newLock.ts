// Makes a lock where the data lives, named after the data.
import type { Finding, GuardRequest } from "../findings/finding.ts";
import { closureLock } from "./closureLock.ts";
import { Refusal } from "./fix.ts";
import type { LockChoice } from "./guardWithLock.ts";
import { classLock, instanceLock } from "./instanceLock.ts";
import { moduleLock } from "./moduleLock.ts";
import { lockNameFor } from "./names.ts";
import type { Region } from "./region.ts";
import type { Source } from "./source.ts";
import { type LockClass, lockClass } from "./threadingImport.ts";

/** What the makers of locks need to know. */
export interface LockOrder {
  readonly source: Source;
  readonly guard: GuardRequest;
  readonly region: Region;
  readonly cls: LockClass;
  /** The name to use, before a look at what is taken. */
  readonly name: string;
}

/** A new lock: how the region names it, and the edits that make it. */
export interface NewLock extends Omit<LockChoice, "title"> {
  /** What it costs beyond waiting. */
  readonly cost?: string;
}

export function newLock(
  source: Source,
  finding: Finding,
  guard: GuardRequest,
  region: Region,
  kind: "Lock" | "RLock",
): LockChoice {
  if (guard.home !== undefined && guard.home.path !== finding.path) {
    throw new Refusal(`\`${finding.symbol}\` belongs to another file, and so does its lock.`);
  }
  const order: LockOrder = {
    source,
    guard,
    region,
    cls: lockClass(source, kind),
    name: lockNameFor(guard.name),
  };
  const made = make(order);
  const isNew = made.edits.length > 0;
  const edits = isNew ? [...order.cls.edits, ...made.edits] : [];
  const cost = made.cost ?? "threads take turns here";
  return {
    expression: made.expression,
    edits,
    title: `Guard with ${isNew ? "a new lock " : ""}\`${made.expression}\` (${cost})`,
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
