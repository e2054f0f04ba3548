/** Shows benchmarks in webviews, one for each file or function, and restores them when the window is reloaded. */
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import * as vscode from "vscode";
import { pageLabels } from "./labels.ts";
import {
  type FromPage,
  isKeptState,
  type KeptState,
  type PageState,
  type Target,
  type ToPage,
} from "./messages.ts";
import { benchmarkPage } from "./page.ts";
import { keyOf, type PanelMemory } from "./panelMemory.ts";

const viewType = "threadproof.benchmark";

/** What a click in the page asks for; the page's own state is at hand. */
export type OnMessage = (panel: BenchmarkPanel, message: FromPage) => void;

export class BenchmarkPanels implements vscode.WebviewPanelSerializer {
  private readonly open = new Map<string, BenchmarkPanel>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly memory: PanelMemory,
    private readonly onMessage: OnMessage,
  ) {}

  register(): vscode.Disposable {
    return vscode.window.registerWebviewPanelSerializer(viewType, this);
  }

  /** The panel of this target, opened beside the editor when there is none; the cursor stays where it is. */
  panelOf(target: Target, page: PageState): BenchmarkPanel {
    const found = this.open.get(keyOf(target));
    if (found) {
      found.show(page);
      found.reveal();
      return found;
    }
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const webviewPanel = vscode.window.createWebviewPanel(viewType, titleOf(target), place);
    return this.fill(webviewPanel, { version: 2, target, page });
  }

  /** What the panel of this target shows, if there is one. */
  pageOf(target: Target): PageState | undefined {
    return this.open.get(keyOf(target))?.page;
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (!isKeptState(state) || this.open.has(keyOf(state.target))) {
      panel.dispose();
      return;
    }
    const kept = (await this.memory.recall(state.target)) ?? state;
    const { page } = kept;
    // A window that closes ends its benchmark.
    const message = vscode.l10n.t("This benchmark was cut off when the window was closed or reloaded.");
    const ended: PageState = { kind: "ended", title: basename(state.target.file), message, detail: "" };
    this.fill(panel, page.kind === "running" ? { ...kept, page: ended } : kept);
  }

  private fill(webviewPanel: vscode.WebviewPanel, state: KeptState): BenchmarkPanel {
    const key = keyOf(state.target);
    const panel = new BenchmarkPanel(webviewPanel, state, this.extensionUri, {
      message: (message) => this.onMessage(panel, message),
      change: (now) => void this.memory.keep(now),
    });
    void this.memory.keep(state);
    this.open.set(key, panel);
    // A reload does not come here: what it closes is remembered.
    webviewPanel.onDidDispose(() => {
      this.open.delete(key);
      void this.memory.forget(state.target);
    });
    return panel;
  }
}

interface PanelEvents {
  message(message: FromPage): void;
  /** Something else is shown; not for every step of a benchmark that runs. */
  change(state: KeptState): void;
}

export class BenchmarkPanel {
  /** Nothing can be posted before the page listens; it asks for the state then. */
  private listens = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private state: KeptState,
    extensionUri: vscode.Uri,
    private readonly events: PanelEvents,
  ) {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(extensionUri, "dist");
    panel.onDidDispose(() => {
      this.listens = false;
    });
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    webview.onDidReceiveMessage((message: FromPage) => {
      if (message.type === "ready") {
        this.listens = true;
        this.post();
      } else {
        events.message(message);
      }
    });
    webview.html = benchmarkPage({
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview", "benchmark.js")).toString(),
      nonce: randomBytes(16).toString("base64url"),
      title: panel.title,
      working: vscode.l10n.t("Drawing the result…"),
    });
  }

  get target(): Target {
    return this.state.target;
  }

  get page(): PageState {
    return this.state.page;
  }

  show(page: PageState): void {
    const before = this.state.page.kind;
    this.state = { ...this.state, page };
    this.post();
    if (page.kind !== "running" || before !== "running") {
      this.events.change(this.state);
    }
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  private post(): void {
    if (this.listens) {
      const message: ToPage = { type: "show", state: this.state, labels: pageLabels() };
      void this.panel.webview.postMessage(message);
    }
  }
}

/** Of the panel's tab. */
function titleOf({ file, function: name }: Target): string {
  const what = name === undefined ? basename(file) : `${name} – ${basename(file)}`;
  return vscode.l10n.t("Benchmark: {0}", what);
}
