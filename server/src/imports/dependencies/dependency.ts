/** A distribution that a project's files name, and where. */
export interface Dependency {
  /** As PEP 503 spells it. */
  readonly name: string;
  /** The exact version, where the file pins one. */
  readonly version: string | undefined;
  /** Offsets of the name in the file's text. */
  readonly start: number;
  readonly end: number;
  /** File names of the wheels that a lock file lists for the version; absent where it lists none at all. */
  readonly wheels?: readonly string[];
}
