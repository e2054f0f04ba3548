/**
 * What client and server say to each other beyond LSP. The client imports these types and nothing else of the
 * server, so method names are literal types: a misspelling fails to compile on either side.
 */
import type { Concurrency, TargetVersion } from "./findings/options.ts";

/** The settings the server asks for, as they stand below `threadproof` in the editor's configuration. */
export interface Settings {
  readonly concurrency: Concurrency;
  readonly targetVersion: TargetVersion;
  /** Whether Python files of the workspace that are not open are read too, so that analysis crosses files. */
  readonly indexWorkspace: boolean;
  /** Path of a baseline file, relative to the workspace folder, whose findings are not shown; empty for none. */
  readonly baseline: string;
}

/** Notification, server to client: what the server is doing, for a status item. Sent when it changes. */
export type StatusMethod = "threadproof/status";

export interface StatusParams {
  readonly state: "indexing" | "ready";
  /** Python files the analysis knows, open ones included. */
  readonly files: number;
  /** Why the index does not hold all of the workspace, in words for the user; absent when it does. */
  readonly limited?: string;
}
