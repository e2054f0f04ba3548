/** What an import does to a free-threaded interpreter, and how that is known. Plain data. */

export type VerdictKind =
  /** Part of Python: all its extension modules declare that they run without the GIL. */
  | "stdlib"
  /** No extension module is loaded. */
  | "pure"
  | "keeps-gil-off"
  | "enables-gil"
  /** Its compiled files are not for this build: the import fails, or needs a build from source. */
  | "no-free-threaded-build"
  | "unknown";

/** Strongest first: an import that was tried, a file that was read, a published statement, a wheel's name. */
export type EvidenceSource = "probe" | "binary" | "data" | "tag";

export interface EvidenceItem {
  readonly source: EvidenceSource;
  /** One sentence for people. */
  readonly detail: string;
}

export type CulpritReason =
  | "undeclared"
  | "declared-not-safe"
  | "abi3"
  | "other-build"
  | "reported"
  | "no-build";

/** A module because of which the verdict is not a good one. */
export interface Culprit {
  readonly module: string;
  readonly reason: CulpritReason;
  readonly file?: string;
  readonly distribution?: string;
  readonly distributionVersion?: string;
  /** From the import to the culprit, both included. */
  readonly chain: readonly string[];
  /** Imported under a condition that reading cannot decide. */
  readonly conditional: boolean;
  readonly evidence: EvidenceSource;
  readonly detail: string;
}

export interface ImportVerdict {
  /** Dotted name as imported. */
  readonly import: string;
  readonly distribution?: string;
  readonly distributionVersion?: string;
  readonly verdict: VerdictKind;
  /** Strongest source first. */
  readonly evidence: readonly EvidenceItem[];
  /** From the import to the first culprit; the import alone when there is none. */
  readonly chain: readonly string[];
  /** All of them: the interpreter's own warning names only the first. */
  readonly culprits: readonly Culprit[];
  /** What to know besides: objects that must not be shared, fallbacks. */
  readonly notes: readonly string[];
  /** What to do: versions, switches, replacements. */
  readonly advice: readonly string[];
  /** Whether the module was found in the environment. */
  readonly installed: boolean;
  /** The build it is judged for: `3.13t`. */
  readonly python: string;
}

const sources: readonly EvidenceSource[] = ["probe", "binary", "data", "tag"];

/** Strongest first, each sentence once. */
export function ordered(evidence: readonly EvidenceItem[]): EvidenceItem[] {
  const once = [...new Map(evidence.map((one) => [one.detail, one])).values()];
  return once.sort((a, b) => sources.indexOf(a.source) - sources.indexOf(b.source));
}

/** Whether the GIL comes on, or the import does not work. */
export function isBad({ verdict }: Pick<ImportVerdict, "verdict">): boolean {
  return verdict === "enables-gil" || verdict === "no-free-threaded-build";
}
