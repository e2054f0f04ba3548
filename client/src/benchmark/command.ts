/** The benchmark's commands: what is asked, run and shown. The measuring itself is the command line's. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { BenchEvent } from "../../../server/src/bench/progress.ts";
import { type BenchEnd, type BenchTool, runBench } from "./benchProcess.ts";
import { BenchmarkLenses } from "./codeLens.ts";
import { History } from "./history.ts";
import type { PageState, Target } from "./messages.ts";
import { PageActions } from "./pageActions.ts";
import { BenchmarkPanels } from "./panel.ts";
import { PanelMemory } from "./panelMemory.ts";
import { ProgressState } from "./progressState.ts";
import { selectedInterpreter } from "./selectedInterpreter.ts";
import { chosenFunction, mayRun, savedFile } from "./subject.ts";

export function registerBenchmark(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const tool = { cli: context.asAbsolutePath("dist/cli.js"), node: process.execPath };
  // Without a folder there is no storage of a workspace.
  const storage = vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, "benchmarks");
  const history = new History(vscode.Uri.joinPath(storage, "history").fsPath);
  const memory = new PanelMemory(vscode.Uri.joinPath(storage, "panels").fsPath, (error) =>
    log.warn("What a benchmark's panel shows could not be kept:", error),
  );
  const panels: BenchmarkPanels = new BenchmarkPanels(context.extensionUri, memory, (panel, message) => {
    void actions.handle(panel, message);
  });
  const runner = new BenchmarkRunner(tool, panels, history, log);
  const actions = new PageActions(tool, history, runner, log);
  context.subscriptions.push(
    panels.register(),
    new BenchmarkLenses().register(),
    vscode.commands.registerCommand("threadproof.benchmarkFile", async (uri?: vscode.Uri) => {
      const file = (await mayRun()) && (await savedFile(uri));
      return file && runner.run({ file: file.fsPath });
    }),
    vscode.commands.registerCommand(
      "threadproof.benchmarkFunction",
      async (uri?: vscode.Uri, name?: string) => {
        const file = (await mayRun()) && (await savedFile(uri));
        const chosen = file && (name ?? (await chosenFunction(file)));
        return file && chosen && runner.run({ file: file.fsPath, function: chosen });
      },
    ),
    vscode.commands.registerCommand("threadproof.cancelBenchmark", () => runner.cancel()),
    // A window that closes takes its benchmark with it.
    { dispose: () => runner.cancel() },
  );
}

class BenchmarkRunner {
  private running: AbortController | undefined;

  constructor(
    private readonly tool: BenchTool,
    private readonly panels: BenchmarkPanels,
    private readonly history: History,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  cancel(): void {
    this.running?.abort();
  }

  async run(target: Target): Promise<void> {
    if (!(await mayRun())) {
      return;
    }
    if (this.running) {
      // Two at a time would measure each other.
      void vscode.window.showInformationMessage(vscode.l10n.t("A benchmark is running already."));
      return;
    }
    this.running = new AbortController();
    await this.announce(true);
    try {
      await this.measure(target, this.running);
    } finally {
      this.running = undefined;
      await this.announce(false);
    }
  }

  /** Commands are offered accordingly. */
  private async announce(running: boolean): Promise<void> {
    await vscode.commands.executeCommand("setContext", "threadproof.benchmarkRunning", running);
  }

  private async measure(target: Target, running: AbortController): Promise<void> {
    const name = basename(target.file);
    const title = target.function === undefined ? name : `${target.function} in ${name}`;
    const progress = new ProgressState(title, vscode.l10n.t("Starting"));
    const before = this.panels.pageOf(target);
    const panel = this.panels.panelOf(target, progress.now);
    const location = vscode.ProgressLocation.Window;
    const end = await vscode.window.withProgress(
      { location, title: vscode.l10n.t("Benchmarking {0}", title) },
      (bar) =>
        this.call(target, running.signal, (event) => {
          this.log.debug(`benchmark: ${event.event}`);
          const now = progress.next(event);
          bar.report({ message: now.message });
          panel.show(now);
        }),
    );
    // Who cancels a second run still wants the first one's result.
    if (end.kind === "cancelled" && before?.kind === "results") {
      this.panels.panelOf(target, before);
    } else {
      await this.conclude(target, title, end);
    }
  }

  /** In the target's panel, which is opened again if it was closed meanwhile. */
  private async conclude(target: Target, title: string, end: BenchEnd): Promise<void> {
    if (end.kind === "done") {
      this.log.info(`Benchmark of ${title}: ${end.result.verdict}`);
      await this.history
        .add(end.result)
        .catch((error: unknown) => this.log.warn("The result could not be remembered:", error));
    } else if (end.kind === "failed") {
      this.log.error(end.message);
    }
    this.panels.panelOf(target, pageOf(end, title));
  }

  private async call(
    target: Target,
    signal: AbortSignal,
    onEvent: (event: BenchEvent) => void,
  ): Promise<BenchEnd> {
    const file = vscode.Uri.file(target.file);
    const settings = vscode.workspace.getConfiguration("threadproof.benchmark", file);
    const [selected, before] = await Promise.all([selectedInterpreter(file), this.history.latest(target)]);
    return runBench({
      ...this.tool,
      signal,
      onEvent,
      settings: {
        ...target,
        interpreters: settings.get<string[]>("interpreters", []),
        hints: selected ? [selected] : [],
        threads: settings.get<number[]>("threads", []),
        budgetSeconds: settings.get<number>("timeBudgetSeconds"),
        compare: before?.path,
      },
    });
  }
}

function pageOf(end: BenchEnd, title: string): PageState {
  switch (end.kind) {
    case "done":
      return { kind: "results", shown: [{ result: end.result, view: end.view }] };
    case "cancelled":
      return { kind: "ended", title, message: vscode.l10n.t("The benchmark was cancelled."), detail: "" };
    case "failed": {
      if (end.install) {
        return { kind: "install", title, help: end.install };
      }
      // The first line says what is wrong; the rest is a traceback or advice.
      const [message = "", ...rest] = end.message.split("\n");
      return { kind: "ended", title, message, detail: rest.join("\n") };
    }
  }
}
