/** Asks the Python extension, where it is installed, which interpreter it has selected. */
import * as vscode from "vscode";

interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(path: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** A benchmark does not wait longer for a hint that it can do without, milliseconds. */
const patienceMs = 3000;

/** @returns the path of an executable; undefined without the extension, without a selection, or when it is slow */
export async function selectedInterpreter(file: vscode.Uri): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) {
    return undefined;
  }
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined));
  return Promise.race([ask(extension, file), late]).catch(() => undefined);
}

async function ask(extension: vscode.Extension<PythonApi>, file: vscode.Uri): Promise<string | undefined> {
  const { environments } = await extension.activate();
  const active = environments?.getActiveEnvironmentPath(file);
  const resolved = active && (await environments?.resolveEnvironment(active));
  return resolved?.executable.uri?.fsPath;
}
