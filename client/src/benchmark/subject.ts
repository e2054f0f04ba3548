/** Whether a benchmark may run, and what it is to measure. Asks and tells, but starts nothing. */
import * as vscode from "vscode";
import { functionAt, functionPlaces } from "./targets.ts";

export async function mayRun(): Promise<boolean> {
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
export async function savedFile(chosen: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
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

/** The function under the cursor; where there is none, the one that is picked from a list. */
export async function chosenFunction(file: vscode.Uri): Promise<string | undefined> {
  const document = await vscode.workspace.openTextDocument(file);
  const text = document.getText();
  const editor = vscode.window.activeTextEditor;
  const line = editor?.document === document ? editor.selection.active.line : undefined;
  const under = line === undefined ? undefined : functionAt(text, line);
  if (under) {
    return under.name;
  }
  const places = functionPlaces(text);
  if (places.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("This file has no function at its top level to benchmark."),
    );
    return undefined;
  }
  const title = vscode.l10n.t("Benchmark which function?");
  const items = places.map(({ name, line: at }) => ({
    label: name,
    description: vscode.l10n.t("line {0}", at + 1),
  }));
  return (await vscode.window.showQuickPick(items, { title }))?.label;
}
