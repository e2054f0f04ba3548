/** "Benchmark Current File": asks, runs, shows. The measuring itself is the command line's. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { BenchEvent } from "../../../server/src/bench/progress.ts";
import { type BenchEnd, runBench } from "./benchProcess.ts";
import { BenchmarkPanels } from "./panel.ts";
import { ProgressText } from "./progressText.ts";
import { selectedInterpreter } from "./selectedInterpreter.ts";

export function registerBenchmark(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const panels = new BenchmarkPanels(context.extensionUri);
  const command = new BenchmarkCommand(context.asAbsolutePath("dist/cli.js"), panels, log);
  context.subscriptions.push(
    panels.register(),
    vscode.commands.registerCommand("threadproof.benchmarkFile", (uri?: vscode.Uri) => command.run(uri)),
    // A window that closes takes its benchmark with it.
    { dispose: () => command.stop() },
  );
}

class BenchmarkCommand {
  private running: AbortController | undefined;

  constructor(
    private readonly cli: string,
    private readonly panels: BenchmarkPanels,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  stop(): void {
    this.running?.abort();
  }

  async run(chosen?: vscode.Uri): Promise<void> {
    if (!(await mayRun())) {
      return;
    }
    if (this.running) {
      // Two at a time would measure each other.
      void vscode.window.showInformationMessage(vscode.l10n.t("A benchmark is running already."));
      return;
    }
    const file = await savedFile(chosen);
    if (!file) {
      return;
    }
    this.running = new AbortController();
    try {
      await this.measure(file, this.running);
    } finally {
      this.running = undefined;
    }
  }

  private async measure(file: vscode.Uri, running: AbortController): Promise<void> {
    const title = basename(file.fsPath);
    const end = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Benchmarking {0}", title),
        cancellable: true,
      },
      async (progress, token) => {
        token.onCancellationRequested(() => running.abort());
        const text = new ProgressText();
        return this.call(file, running.signal, (event) => {
          this.log.debug(`benchmark: ${JSON.stringify(event)}`);
          progress.report(text.next(event));
        });
      },
    );
    if (end.kind === "done") {
      this.log.info(`Benchmark of ${file.fsPath}: ${end.result.verdict}`);
      this.panels.show({ title, result: end.result, done: end.done });
    } else if (end.kind === "failed") {
      // Not awaited: a message that nobody closes must not block the next benchmark.
      void this.explain(end.message);
    }
  }

  private async call(
    file: vscode.Uri,
    signal: AbortSignal,
    onEvent: (event: BenchEvent) => void,
  ): Promise<BenchEnd> {
    const settings = vscode.workspace.getConfiguration("threadproof.benchmark", file);
    const selected = await selectedInterpreter(file);
    return runBench({
      cli: this.cli,
      node: process.execPath,
      signal,
      onEvent,
      settings: {
        file: file.fsPath,
        interpreters: settings.get<string[]>("interpreters", []),
        hints: selected ? [selected] : [],
        threads: settings.get<number[]>("threads", []),
        budgetSeconds: settings.get<number>("timeBudgetSeconds"),
      },
    });
  }

  /** The first line says what is wrong; the rest, a traceback or advice, is in the log. */
  private async explain(message: string): Promise<void> {
    this.log.error(message);
    const showLog = vscode.l10n.t("Show Log");
    const [first = message] = message.split("\n");
    if ((await vscode.window.showErrorMessage(first, showLog)) === showLog) {
      this.log.show();
    }
  }
}

async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const message = vscode.l10n.t("A benchmark runs the code of this folder, so it needs a trusted workspace.");
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}

/** What is measured is what is on disk, so it is saved first. */
async function savedFile(chosen: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const uri = chosen ?? vscode.window.activeTextEditor?.document.uri;
  const document = uri && (await vscode.workspace.openTextDocument(uri));
  if (document?.languageId !== "python") {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file to benchmark it."));
    return undefined;
  }
  if (document.uri.scheme !== "file" || !(await document.save())) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Save this file to disk to benchmark it."));
    return undefined;
  }
  return document.uri;
}
