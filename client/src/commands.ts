/** The commands about the extension itself. Titles and conditions are in the manifest. */
import * as vscode from "vscode";
import type { Server } from "./server.ts";

export function registerCommands(
  context: vscode.ExtensionContext,
  server: Server,
  log: vscode.LogOutputChannel,
): void {
  context.subscriptions.push(
    vscode.commands.registerCommand("threadproof.restartServer", () => server.start()),
    vscode.commands.registerCommand("threadproof.showLog", () => log.show()),
    vscode.commands.registerCommand("threadproof.showVersion", () => showVersion(context)),
  );
}

/** What a bug report needs, ready to be copied. */
async function showVersion({ extension }: vscode.ExtensionContext): Promise<void> {
  const lines = [
    `Threadproof ${extension.packageJSON.version}`,
    `${vscode.env.appName} ${vscode.version}`,
    `${process.platform} ${process.arch}, Node.js ${process.versions.node}`,
    `Remote: ${vscode.env.remoteName ?? "none"}`,
    `Workspace trusted: ${vscode.workspace.isTrusted ? "yes" : "no"}`,
  ];
  const copy = vscode.l10n.t("Copy");
  const detail = lines.join("\n");
  const choice = await vscode.window.showInformationMessage("Threadproof", { modal: true, detail }, copy);
  if (choice === copy) {
    await vscode.env.clipboard.writeText(detail);
  }
}
