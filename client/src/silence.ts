/** "Silence here, with a reason": asks for the reason and writes the comment that the server proposes. */
import * as vscode from "vscode";
import type { SilenceCommand, SilenceRequest } from "../../server/src/protocol.ts";

const silenceCommand: SilenceCommand = "threadproof.silenceWithReason";

export function registerSilence(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.commands.registerCommand(silenceCommand, silence));
}

async function silence({ uri, version, range, comment }: SilenceRequest): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: vscode.l10n.t("Why is this no problem here?"),
    placeHolder: vscode.l10n.t("for example: only the main thread calls this"),
    ignoreFocusOut: true,
  });
  if (reason === undefined) return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  if (document.version !== version) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t("The file has changed meanwhile; nothing was written."),
    );
    return;
  }
  const words = reason.replace(/\s+/g, " ").trim();
  const text = words === "" ? comment : comment.replace("]", `] ${words}`);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character),
    text,
  );
  await vscode.workspace.applyEdit(edit);
}
