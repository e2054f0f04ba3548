// What a rule is: a description and a function that recognises a compound operation at one access. Whether
// the operation can meet another thread, and which lock is missing, is the program's business, not the rule's.
import type { Op } from "../facts/facts.ts";
import type { Evidence, GuardRequest, RelatedLocation, Severity } from "../findings/finding.ts";
import type { CompoundOperation } from "../program/races.ts";
import type { AccessView } from "./accessView.ts";
import type { FileView } from "./fileView.ts";

/** In the order of the documentation; a rule's file lies in the folder of this name, with hyphens for spaces. */
export const families = [
  "shared state",
  "compound operations",
  "lazy initialisation",
  "iteration",
  "process-wide state",
  "objects not safe to share",
  "locks",
  "deadlocks",
  "thread lifecycle",
  "asyncio and threads",
  "contexts",
  "GIL-reliant idioms",
  "scaling",
  "annotations",
  "imports",
  "builds",
] as const;
export type Family = (typeof families)[number];

export interface RuleMeta {
  /** Kebab-case; names the rule everywhere: file, page, fixture, diagnostic code, suppression. */
  readonly name: string;
  /** One sentence, as it stands in the index of rules. */
  readonly summary: string;
  /** Family in the documentation, and the folder of the rule's file. */
  readonly family: Family;
  readonly severity: Severity;
  /** Preview rules are heuristic and run only when asked for. */
  readonly status: "stable" | "preview";
  /** Whether "guard with a lock" repairs it. */
  readonly lockRepairs: boolean;
  /** Operations that a rule about accesses is asked about; all of them when it does not say. */
  readonly on?: readonly Op[];
}

/** A compound operation as a rule recognises it, with the words for it. */
export interface Match extends CompoundOperation {
  /** What goes wrong, completing "…, so": "one of the two updates is lost". */
  readonly outcome: string;
  /** What this thread does, in two steps: "reads `n`" and "writes it back". */
  readonly steps: readonly [string, string];
  /** Who comes in between, when that is not an access of the program: "another thread imports a module". */
  readonly intruder?: string;
  /** When the function is public, its callers share the object without saying so: a cache behind an accessor. */
  readonly callersShare?: boolean;
  /** Only report when this much is known about the threads. */
  readonly atLeast?: "proven" | "likely";
  /** Where it differs from the rule's own: by target version, or by kind of object. */
  readonly severity?: Severity;
  /** A way out other than a lock, as a sentence at the end of the message. */
  readonly remedy?: string;
  /** A sentence on why the operation itself shows that several threads are meant; raises `exposed` to `likely`. */
  readonly intent?: string;
}

export interface Rule {
  readonly meta: RuleMeta;
  /** Looks at one access to a shared location; undefined when the rule has nothing to say. */
  match(view: AccessView): Match | undefined;
}

/** A fault that is no race of two accesses: a lock used wrongly, a default shared by accident. */
export interface Issue {
  readonly start: number;
  readonly end: number;
  readonly fn: number;
  readonly symbol: string;
  readonly message: string;
  readonly evidence: Evidence;
  /** Where it differs from the rule's own: by target version, or by kind of object. */
  readonly severity?: Severity;
  readonly related: readonly RelatedLocation[];
  /** What a lock around it would have to guard, where that repairs it. */
  readonly guard?: GuardRequest;
}

/** A rule that looks at a whole file instead of single accesses. */
export interface FileRule {
  readonly meta: RuleMeta;
  inspect(view: FileView): Iterable<Issue>;
}

/** A rule whose findings another room makes: the audit of imports, for example. It is listed and selected like all. */
export interface DescribedRule {
  readonly meta: RuleMeta;
}

export function describeRule(meta: RuleMeta): DescribedRule {
  return { meta };
}

export function defineFileRule(meta: RuleMeta, inspect: (view: FileView) => Iterable<Issue>): FileRule {
  return { meta, inspect };
}

export function defineRule(meta: RuleMeta, match: (view: AccessView) => Match | undefined): Rule {
  return { meta, match };
}
