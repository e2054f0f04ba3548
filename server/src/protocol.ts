/**
 * What client and server say to each other beyond LSP. The client imports these types and nothing else of the
 * server, so method names are literal types: a misspelling fails to compile on either side.
 */
import type { Concurrency, TargetVersion } from "./findings/options.ts";
import type { ProbeResult } from "./probe/probe.ts";

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

/** Commands that actions on import findings call, with the module's name and the document's URI. */
export type ImportCommand = "threadproof.showImportEvidence" | "threadproof.probeImport";

/** Part of `initializationOptions`: what the client can do beyond LSP. */
export interface ClientOffers {
  /** It has the commands of `ImportCommand`, `SilenceCommand`, `RefusalCommand` and `StressTestCommand`, and can open pages. */
  readonly commands: boolean;
}

/** Notification, client to server: the interpreter that the user selected in the editor. */
export type EnvironmentMethod = "threadproof/environment";

export interface EnvironmentParams {
  /** Path of the executable; absent when none is selected. */
  readonly python?: string;
}

/** Notification, client to server: what the real interpreter answered. */
export type ProbedMethod = "threadproof/probed";

export interface ProbedParams {
  readonly results: readonly ProbeResult[];
}

/** Request, client to server: all that is known of importing a module, in Markdown. */
export type EvidenceMethod = "threadproof/importEvidence";

export interface EvidenceParams {
  readonly module: string;
}

/** Command that asks for a reason and writes a comment that silences a finding; its argument is a `SilenceRequest`. */
export type SilenceCommand = "threadproof.silenceWithReason";

export interface SilenceRequest {
  readonly uri: string;
  /** Version of the document that the range is of. */
  readonly version: number;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  /** What to write in place of the range; the reason goes behind its bracket. */
  readonly comment: string;
}

/** Command that shows why fixes are not offered; its argument is a `RefusalRequest`. VS Code hides disabled actions. */
export type RefusalCommand = "threadproof.explainRefusal";

export interface RefusalRequest {
  /** What the fixes would do, and why that would be wrong here, as sentences. */
  readonly refusals: readonly { readonly title: string; readonly reason: string }[];
  /** URL of the rule's page. */
  readonly page: string;
}

/** Command that shows the file that an action has just made; its argument is the file's URI. */
export type StressTestCommand = "threadproof.openStressTest";
