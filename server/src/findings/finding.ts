/**
 * What the engine says about a place in the code. Findings are the engine's word; the editor's word for
 * them, diagnostic, appears only in `lsp/`.
 */

/** A half-open range of UTF-16 code units, with its zero-based line and column ends (as LSP counts them). */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type Severity = "error" | "warning" | "information" | "hint";

/**
 * How sure the engine is that the two accesses meet.
 * `proven`: the program itself runs them concurrently; `likely`: the code shows the intent to be shared
 * between threads; `exposed`: any caller may do it, reported in library mode only.
 */
export type Evidence = "proven" | "likely" | "exposed";

/** A second place that explains the finding: the other access, the thread's start, the lock in use elsewhere. */
export interface RelatedLocation {
  readonly path: string;
  readonly range: SourceRange;
  readonly message: string;
}

/** One place that has to run under the lock, together with what must not change in between. */
export interface GuardSite {
  readonly path: string;
  /** The region that must run under the lock; it is widened to whole statements. */
  readonly region: SourceRange;
  /** The access itself. */
  readonly access: SourceRange;
  /** How the code there names the object, class or module that owns the data (`self`, `job`, `settings`), if it does. */
  readonly receiver?: string;
  /** The name under which that file has imported the data (or the function it belongs to) from the file that owns it. */
  readonly importedAs?: string;
  /** For iterations that a one-step copy makes safe: `list(x)`, or `list(x.keys())` for subclasses of dict. */
  readonly snapshot?: "itself" | "keys";
  /** Other accesses of the same function that belong to the operation if no more than a few statements lie between. */
  readonly nearby?: readonly SourceRange[];
  /** The access writes back what was read before, perhaps in another statement. */
  readonly writesBack?: true;
}

/** Why a lock would be wrong here although the code itself does not show it, as a sentence. */
export type GuardConflict = string;

/** All places that have to take the lock if the data is to be safe. */
export interface GuardPlan {
  readonly sites: readonly GuardSite[];
  /** Whether one of the places reaches another by calls, so that a thread takes the lock twice. */
  readonly callsBack: boolean;
  /** A function from elsewhere that one of them calls: it could come back, too. */
  readonly callsOut?: string;
  readonly conflict?: GuardConflict;
  /** Whether all of them may run under the request's `ownLock`. */
  readonly suitsOwnLock?: true;
}

/** A call that makes another object of a whole one. */
export interface ObjectCopy {
  /** For a reader: "`copy.copy()` in `clone`". */
  readonly words: string;
  readonly way: "copy" | "deepcopy" | "pickle";
  readonly path: string;
  /** Offset of the call. */
  readonly start: number;
}

/**
 * What a "guard with a lock" fix needs to know; absent when the rule offers none.
 * The fix itself is built in `fixes/` from the file's tree.
 */
export interface GuardRequest extends Omit<GuardSite, "path" | "access"> {
  /** Where the data lives, which decides where the lock lives. */
  readonly scope: "module" | "class" | "instance" | "closure";
  /** The simple name of the guarded variable or attribute, for naming a new lock. */
  readonly name: string;
  /** What leads from the owner to the data: `server` for `self.server.jobs`, where nothing is known of what the server is. */
  readonly through?: string;
  /** Source text of the lock that already guards this location (`_lock`, `self._lock`), if one was inferred. */
  readonly existingLock?: string;
  /** Source text of the one lock that the object, class or module has for its own data, if this region may run under it. */
  readonly ownLock?: string;
  /** The file whose words `existingLock`, or else `ownLock`, is in. */
  readonly existingLockPath?: string;
  /** Where the location is defined (the global's first assignment at module level), in the file that owns it. */
  readonly definition?: SourceRange;
  /**
   * The file that owns the data and the offset of the name of its class or function there; for globals the
   * offset is -1. Absent when the data belongs to nothing in the analysed files.
   */
  readonly home?: { readonly path: string; readonly start: number };
  /** Whether other classes of the program build on the one that owns the data, each with an `__init__` that skips its. */
  readonly bypassedBy?: string;
  /** What copies or pickles the objects that own the data as a whole; a lock in them would not stand it. */
  readonly copies?: readonly ObjectCopy[];
  /** A method of a class of another file, derived from the owner's, that decides how objects are copied: `Job.__reduce__`. */
  readonly copiedApart?: string;
  /** Whether the data is a container, which code that is handed it can go on using without the lock. */
  readonly isContainer?: true;
  /** Whether this region may come back to itself by calls, so that a thread takes the lock twice. */
  readonly callsBack?: true;
  /** A function from elsewhere that this region calls: it could come back for the lock. */
  readonly callsOut?: string;
  /** Why taking the lock at this place alone would be wrong. */
  readonly conflict?: GuardConflict;
  /** Every place that needs the lock, this one included; absent when this is the only one. */
  readonly plan?: GuardPlan;
}

export interface Finding {
  /** As given to the analysis: absolute path or document URI path. */
  readonly path: string;
  readonly range: SourceRange;
  /** Kebab-case name of the rule; also the file name of its page and fixture. */
  readonly rule: string;
  readonly severity: Severity;
  readonly evidence: Evidence;
  /** The shared location as a reader would write it: `CACHE`, `Job.count`, `self.total`. */
  readonly symbol: string;
  /** Qualified name of the function the access stands in, `<module>` at top level. */
  readonly function: string;
  /** One or two sentences: which two accesses, on which threads, what gets lost. */
  readonly message: string;
  readonly related: readonly RelatedLocation[];
  readonly guard?: GuardRequest;
}
