/** "Audit Imports" and the actions on import findings: the reading and the probing are the command line's. */
import * as vscode from "vscode";
import { selectedInterpreter } from "../benchmark/selectedInterpreter.ts";
import type { Server } from "../server.ts";
import { type ImportsEnd, runImports } from "./importsProcess.ts";
import { ImportPages } from "./pages.ts";
import { reportMarkdown } from "./reportText.ts";

export function registerImports(
  context: vscode.ExtensionContext,
  server: Server,
  log: vscode.LogOutputChannel,
): void {
  const pages = new ImportPages();
  const command = new ImportsCommand(context.asAbsolutePath("dist/cli.js"), server, pages, log);
  context.subscriptions.push(
    pages.register(),
    vscode.commands.registerCommand("threadproof.auditImports", () => command.audit()),
    vscode.commands.registerCommand("threadproof.probeImport", (module: string, uri: string) =>
      command.probe(module, vscode.Uri.parse(uri)),
    ),
    vscode.commands.registerCommand("threadproof.showImportEvidence", (module: string) =>
      command.evidence(module),
    ),
  );
}

class ImportsCommand {
  constructor(
    private readonly cli: string,
    private readonly server: Server,
    private readonly pages: ImportPages,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async audit(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
    const [first] = folders;
    if (!first) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Open a folder on disk to audit its imports."));
      return;
    }
    const probe = await this.wantsProbe();
    if (probe === undefined) return;
    const end = await this.run(
      first.uri,
      folders.map(({ uri }) => uri.fsPath),
      [],
      probe,
    );
    if (end?.kind === "done") await this.pages.show("imports", reportMarkdown(end.report));
  }

  async probe(module: string, uri: vscode.Uri): Promise<void> {
    if (!(await mayRun())) return;
    const end = await this.run(uri, [], [module], true);
    if (end?.kind === "done") await this.evidence(module);
  }

  async evidence(module: string): Promise<void> {
    const text = await this.server.evidence(module);
    const none = vscode.l10n.t("Nothing is known of importing {0}.", module);
    await this.pages.show(module, text ?? none);
  }

  /** Undefined when the question is closed unanswered. */
  private async wantsProbe(): Promise<boolean | undefined> {
    // Importing runs code: without trust there is nothing to choose.
    if (!vscode.workspace.isTrusted) return false;
    const read = { label: vscode.l10n.t("Read the installed files"), probe: false };
    const label = vscode.l10n.t("Also import each module and look at the GIL");
    const detail = vscode.l10n.t("Runs the modules, each in a process of its own.");
    const chosen = await vscode.window.showQuickPick([read, { label, detail, probe: true }]);
    return chosen?.probe;
  }

  private async run(
    place: vscode.Uri,
    folders: readonly string[],
    modules: readonly string[],
    probe: boolean,
  ): Promise<ImportsEnd | undefined> {
    const python = await selectedInterpreter(place);
    const end = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: probe ? vscode.l10n.t("Importing modules") : vscode.l10n.t("Auditing imports"),
        cancellable: true,
      },
      (_, token) => {
        const running = new AbortController();
        token.onCancellationRequested(() => running.abort());
        const { signal } = running;
        const node = process.execPath;
        return runImports({ cli: this.cli, node, python, probe, folders, modules, signal });
      },
    );
    if (end.kind === "failed") {
      this.log.error(end.message);
      void vscode.window.showErrorMessage(end.message.split("\n")[0] ?? end.message);
    } else if (end.kind === "done") {
      const results = end.report.modules.flatMap((one) => one.probe ?? []);
      if (results.length > 0) await this.server.tellProbed(results);
    }
    return end;
  }
}

async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const message = vscode.l10n.t("Importing a module runs its code, so it needs a trusted workspace.");
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
