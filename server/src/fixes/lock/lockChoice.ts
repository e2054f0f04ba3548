// A lock for guarded code, one that is there or a new one: what is asked for, and what is chosen.
import type { GuardRequest } from "../../findings/finding.ts";
import type { TextEdit } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import type { Source } from "../source.ts";
import type { LockClass } from "./threadingImport.ts";

/** A lock as each piece of guarded code names it, and what has to be added for it to exist. */
export interface LockChoice {
  readonly nameAt: (code: GuardedCode) => string;
  readonly edits: readonly TextEdit[];
  readonly isNew: boolean;
  /** What it costs beyond waiting. */
  readonly cost?: string;
  /** Whether it changes more of a class than its `__init__`, which nobody wants unasked. */
  readonly needsClick?: true;
}

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
