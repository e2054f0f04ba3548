/** Runs `threadproof imports` as a child, so that the editor audits exactly as the command line does. Knows no editor. */
import { execa } from "execa";
import type { ImportsReport } from "../../../server/src/imports/report.ts";

export interface ImportsCall {
  /** `cli.js` of this extension. */
  readonly cli: string;
  /** Node, or an Electron that acts as Node. */
  readonly node: string;
  /** The interpreter that is selected in the editor. */
  readonly python: string | undefined;
  /** Import the modules too, which runs their code: only in a trusted workspace. */
  readonly probe: boolean;
  /** Folders to audit. */
  readonly folders: readonly string[];
  /** Modules to audit instead of those that the folders' files import. */
  readonly modules: readonly string[];
  readonly signal: AbortSignal;
}

export type ImportsEnd =
  | { readonly kind: "done"; readonly report: ImportsReport }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string };

export function importsArguments({ python, probe, folders, modules }: ImportsCall): string[] {
  return [
    "imports",
    "--format",
    "json",
    ...(python === undefined ? [] : ["--python", python]),
    ...(probe ? ["--probe"] : []),
    ...modules.flatMap((module) => ["--module", module]),
    "--",
    ...folders,
  ];
}

export async function runImports(call: ImportsCall): Promise<ImportsEnd> {
  const ended = await execa(call.node, [call.cli, ...importsArguments(call)], {
    env: { ELECTRON_RUN_AS_NODE: "1" },
    stdin: "ignore",
    reject: false,
    windowsHide: true,
    cancelSignal: call.signal,
  });
  if (call.signal.aborted) return { kind: "cancelled" };
  // 1 tells that something is in the way, which is a result like any other.
  if (ended.exitCode === 0 || ended.exitCode === 1) {
    return { kind: "done", report: JSON.parse(ended.stdout) as ImportsReport };
  }
  return { kind: "failed", message: ended.stderr.trim() || ended.shortMessage || "The audit failed." };
}
