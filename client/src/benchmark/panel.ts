/** Shows a result in a webview and restores it when the window is reloaded. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { type BenchmarkState, type FromPage, isBenchmarkState, type ToPage } from "./messages.ts";
import { benchmarkPage } from "./page.ts";

const viewType = "threadproof.benchmark";

export class BenchmarkPanels implements vscode.WebviewPanelSerializer {
  constructor(private readonly extensionUri: vscode.Uri) {}

  show(state: BenchmarkState): void {
    const title = vscode.l10n.t("Benchmark: {0}", state.title);
    const panel = vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Beside);
    this.fill(panel, state);
  }

  register(): vscode.Disposable {
    return vscode.window.registerWebviewPanelSerializer(viewType, this);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (isBenchmarkState(state)) {
      this.fill(panel, state);
    } else {
      panel.dispose();
    }
  }

  private fill(panel: vscode.WebviewPanel, state: BenchmarkState): void {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.extensionUri, "dist");
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    webview.onDidReceiveMessage(async (message: FromPage) => {
      if (message.type === "ready") {
        await webview.postMessage({ type: "show", state } satisfies ToPage);
      } else if (message.type === "copy") {
        await copy(message.what, state);
      }
    });
    webview.html = benchmarkPage({
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview", "benchmark.js")).toString(),
      nonce: randomBytes(16).toString("base64url"),
      title: panel.title,
      labels: {
        copyMarkdown: vscode.l10n.t("Copy as Markdown"),
        copyCommand: vscode.l10n.t("Copy as command line"),
        why: vscode.l10n.t("Why"),
        figures: vscode.l10n.t("Figures"),
        builds: vscode.l10n.t("Builds"),
        working: vscode.l10n.t("Drawing the result…"),
      },
    });
  }
}

async function copy(what: "markdown" | "commandLine", { done }: BenchmarkState): Promise<void> {
  await vscode.env.clipboard.writeText(what === "markdown" ? done.markdown : done.commandLine);
  vscode.window.setStatusBarMessage(vscode.l10n.t("Copied to the clipboard"), 3000);
}
