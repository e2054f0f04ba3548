/** What the benchmark's panel and its page say to each other, and what the page keeps over a reload. */
import type { InstallHelp } from "../../../server/src/bench/report/installHelp.ts";
import type { DrawnView, ReportView } from "../../../server/src/bench/report/view.ts";
import type { BenchResult } from "../../../server/src/bench/result.ts";

/** What is measured: a file, or one function in it. */
export interface Target {
  readonly file: string;
  readonly function?: string;
}

export interface ShownResult {
  readonly result: BenchResult;
  readonly view: ReportView;
}

export type PageState =
  | {
      readonly kind: "running";
      readonly title: string;
      readonly message: string;
      /** 0 to 100. */
      readonly percent: number;
      /** Once the first round is done. */
      readonly drawn?: DrawnView;
    }
  /** Side by side, the newest first. */
  | { readonly kind: "results"; readonly shown: readonly ShownResult[] }
  | { readonly kind: "install"; readonly title: string; readonly help: InstallHelp }
  /** Cancelled, failed, or cut off by a reload. */
  | {
      readonly kind: "ended";
      readonly title: string;
      readonly message: string;
      /** Output of the program, or advice. */
      readonly detail: string;
    };

/** Kept by the page, handed back when the window is opened again. */
export interface KeptState {
  readonly version: 2;
  readonly target: Target;
  readonly page: PageState;
}

/** Texts of the page in the user's language. */
export type Labels = Readonly<Record<LabelName, string>>;
export type LabelName =
  | "again"
  | "best"
  | "builds"
  | "cancel"
  | "close"
  | "compare"
  | "compared"
  | "copyCommand"
  | "copyMarkdown"
  | "escapes"
  | "export"
  | "figures"
  | "fit"
  | "because"
  | "install"
  | "lookAgain"
  | "later"
  | "fits"
  | "no"
  | "open"
  | "otherWays"
  | "chooseInterpreters"
  | "soFar"
  | "wayOut"
  | "why";

export interface ToPage {
  readonly type: "show";
  readonly state: KeptState;
  readonly labels: Labels;
}

export type FromPage =
  | { readonly type: "ready" | "cancel" | "again" | "compare" | "install" | "chooseInterpreters" }
  | { readonly type: "copyMarkdown" | "copyCommand" | "export" | "close"; readonly index: number }
  | { readonly type: "open"; readonly path: string; readonly line: number }
  | { readonly type: "link"; readonly address: string };

/** Read back from a window that may have been closed by another version. */
export function isKeptState(value: unknown): value is KeptState {
  const state = value as Partial<KeptState> | undefined;
  const page = state?.page;
  if (state?.version !== 2 || typeof state.target?.file !== "string" || typeof page?.kind !== "string") {
    return false;
  }
  return page.kind !== "results" || (Array.isArray(page.shown) && page.shown.every(isShownResult));
}

function isShownResult({ result, view }: Partial<ShownResult>): boolean {
  return result?.version === 1 && Array.isArray(view?.pictures) && Array.isArray(view.table?.groups);
}
