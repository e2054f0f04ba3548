/** What the buttons of the benchmark's page do. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { type BenchTool, reportSaved } from "./benchProcess.ts";
import { exportResult } from "./exports.ts";
import type { History, Remembered } from "./history.ts";
import type { FromPage, ShownResult, Target } from "./messages.ts";
import type { BenchmarkPanel } from "./panel.ts";

/** More columns than this are too narrow to read. */
const mostColumns = 3;

export interface Runs {
  run(target: Target): Promise<void>;
  cancel(): void;
}

export class PageActions {
  constructor(
    private readonly tool: BenchTool,
    private readonly history: History,
    private readonly runs: Runs,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Never rejects: what goes wrong is shown. */
  async handle(panel: BenchmarkPanel, message: FromPage): Promise<void> {
    try {
      await this.act(panel, message);
    } catch (error) {
      this.log.error("The benchmark's page asked for something that failed:", error);
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  private async act(panel: BenchmarkPanel, message: FromPage): Promise<void> {
    const { page } = panel;
    const shown = page.kind === "results" ? page.shown : [];
    switch (message.type) {
      case "cancel":
        return this.runs.cancel();
      case "again":
        return this.runs.run(panel.target);
      case "install":
        return page.kind === "install" ? runInTerminal(page.help.command) : undefined;
      case "chooseInterpreters":
        await vscode.commands.executeCommand(
          "workbench.action.openSettings",
          "threadproof.benchmark.interpreters",
        );
        return;
      case "open":
        return open(message.path, message.line);
      case "link":
        await vscode.env.openExternal(vscode.Uri.parse(message.address, true));
        return;
      case "compare":
        return this.compare(panel, shown);
      case "close":
        return panel.show({ kind: "results", shown: shown.filter((_, index) => index !== message.index) });
      case "copyCommand":
        return copy(shown[message.index]?.view.commandLine);
      case "copyMarkdown": {
        const chosen = shown[message.index];
        return copy(chosen && (await reportSaved(this.tool, chosen.result, { format: "markdown" })).stdout);
      }
      case "export": {
        const place = shown[message.index] && (await exportResult(this.tool, shown[message.index]!));
        if (place) {
          vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", basename(place.fsPath)), 5000);
        }
      }
    }
  }

  /** Puts an earlier result beside the newest, which then says what changed. */
  private async compare(panel: BenchmarkPanel, [newest, ...others]: readonly ShownResult[]): Promise<void> {
    if (!newest) {
      return;
    }
    const earlier = (await this.history.of(panel.target.file)).filter(
      ({ result }) => result.startedAt !== newest.result.startedAt,
    );
    if (earlier.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no earlier result of this file."));
      return;
    }
    const title = vscode.l10n.t("Compare with which result?");
    const chosen = await vscode.window.showQuickPick(earlier.map(entry), { title, matchOnDetail: true });
    if (!chosen) {
      return;
    }
    const [compared, beside] = await Promise.all([
      reportSaved(this.tool, newest.result, { before: chosen.result }),
      reportSaved(this.tool, chosen.result, {}),
    ]);
    const kept = others.filter(({ result }) => result.startedAt !== chosen.result.startedAt);
    const columns = [
      { result: newest.result, view: compared.view },
      { result: chosen.result, view: beside.view },
      ...kept,
    ];
    panel.show({ kind: "results", shown: columns.slice(0, mostColumns) });
  }
}

function entry({ result }: Remembered): vscode.QuickPickItem & { readonly result: Remembered["result"] } {
  const when = new Date(result.startedAt).toLocaleString();
  return { label: when, description: result.function?.name ?? "", detail: result.verdict, result };
}

/** In sight, so that its user sees what is installed and can stop it. */
function runInTerminal(command: string): void {
  const terminal = vscode.window.createTerminal({ name: vscode.l10n.t("Install Python") });
  terminal.show();
  terminal.sendText(command, true);
}

async function open(path: string, line: number): Promise<void> {
  const at = new vscode.Position(line - 1, 0);
  const viewColumn = vscode.ViewColumn.One;
  await vscode.window.showTextDocument(vscode.Uri.file(path), {
    selection: new vscode.Range(at, at),
    viewColumn,
  });
}

async function copy(text: string | undefined): Promise<void> {
  if (text !== undefined) {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Copied to the clipboard"), 3000);
  }
}
