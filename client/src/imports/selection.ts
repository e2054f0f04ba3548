/** Keeps the server informed of the interpreter that is selected in the editor: its packages are the ones judged. */
import * as vscode from "vscode";
import { selectedInterpreter } from "../benchmark/selectedInterpreter.ts";
import type { Server } from "../server.ts";

interface PythonApi {
  readonly environments?: {
    readonly onDidChangeActiveEnvironmentPath?: vscode.Event<unknown>;
  };
}

export function followSelection(context: vscode.ExtensionContext, server: Server): void {
  const tell = async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (folder) await server.tellEnvironment(await selectedInterpreter(folder.uri));
  };
  context.subscriptions.push(
    server.onReady(tell),
    // Another extension that is installed or enabled later brings a selection with it.
    vscode.extensions.onDidChange(tell),
  );
  void watch(context, tell);
}

async function watch(context: vscode.ExtensionContext, tell: () => Promise<void>): Promise<void> {
  const python = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  const api = await python?.activate().then(
    (api) => api,
    () => undefined,
  );
  const changed = api?.environments?.onDidChangeActiveEnvironmentPath;
  if (changed) context.subscriptions.push(changed(tell));
}
