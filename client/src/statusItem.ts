/** The entry behind the `{}` of Python documents: what the server is doing. Never a message box. */
import * as vscode from "vscode";
import type { StatusParams } from "../../server/src/protocol.ts";

export type Status = StatusParams | { readonly state: "starting" | "stopped" };

export class StatusItem implements vscode.Disposable {
  readonly #item: vscode.LanguageStatusItem;

  constructor() {
    this.#item = vscode.languages.createLanguageStatusItem("threadproof.status", { language: "python" });
    this.#item.name = "Threadproof";
    this.show({ state: "starting" });
  }

  show(status: Status): void {
    const item = this.#item;
    const stopped = status.state === "stopped";
    item.busy = status.state === "starting" || status.state === "indexing";
    item.severity = vscode.LanguageStatusSeverity[stopped ? "Error" : "Information"];
    item.text = textOf(status);
    item.detail =
      "limited" in status && status.limited
        ? vscode.l10n.t("Not all files are read: {0}", status.limited)
        : "";
    item.command = stopped
      ? { command: "threadproof.restartServer", title: vscode.l10n.t("Restart") }
      : { command: "threadproof.showLog", title: vscode.l10n.t("Show Log") };
  }

  dispose(): void {
    this.#item.dispose();
  }
}

function textOf(status: Status): string {
  switch (status.state) {
    case "starting":
      return vscode.l10n.t("Threadproof: starting");
    case "stopped":
      return vscode.l10n.t("Threadproof: stopped");
    case "indexing":
      return vscode.l10n.t("Threadproof: reading the workspace");
    case "ready":
      return vscode.l10n.t("Threadproof: {0} Python files known", status.files);
  }
}
