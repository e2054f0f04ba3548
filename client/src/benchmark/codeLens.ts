/** "Benchmark scaling" above functions that are named `bench_…` or marked with a comment. */
import * as vscode from "vscode";
import { functionPlaces } from "./targets.ts";

const setting = "threadproof.benchmark.codeLens";

export class BenchmarkLenses implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      this.changed,
      vscode.languages.registerCodeLensProvider({ language: "python", scheme: "file" }, this),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(setting)) {
          this.changed.fire();
        }
      }),
      // In a folder that is not trusted nothing can be run.
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()),
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const wanted = vscode.workspace
      .getConfiguration("threadproof.benchmark", document.uri)
      .get("codeLens", true);
    if (!wanted || !vscode.workspace.isTrusted) {
      return [];
    }
    return functionPlaces(document.getText())
      .filter(({ marked }) => marked)
      .map(({ name, line }) => {
        const title = vscode.l10n.t("Benchmark scaling");
        const tooltip = vscode.l10n.t("Call {0} on 1, 2, … threads with and without the GIL", name);
        const command = "threadproof.benchmarkFunction";
        const what = { title, tooltip, command, arguments: [document.uri, name] };
        return new vscode.CodeLens(document.lineAt(line).range, what);
      });
  }
}
