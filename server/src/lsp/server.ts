/** The table of contents of the language server: what it can do, and which function does it. */
import {
  CodeActionKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  type WorkspaceFoldersChangeEvent,
} from "vscode-languageserver";
import { buildActions } from "./buildActions.ts";
import { BuildAudits } from "./buildAudits.ts";
import { readClientFeatures } from "./clientFeatures.ts";
import { codeActions } from "./codeActions.ts";
import { loadSettings, watchConfiguration } from "./configuration.ts";
import { isDiskPath, pathOf } from "./documentPath.ts";
import { fixAllKind } from "./fixAllAction.ts";
import { importActions } from "./importActions.ts";
import { ImportAudits } from "./importAudits.ts";
import { serveImports } from "./importRequests.ts";
import { Reports } from "./reports.ts";
import { Session } from "./session.ts";
import { watchFiles } from "./watchedFiles.ts";
import { WorkspaceIndex } from "./workspaceIndex.ts";

/** Serves one editor until it closes the connection. */
export function startServer(connection: Connection): void {
  connection.onInitialize(async (params) => {
    const session = await Session.start(connection, readClientFeatures(params));
    session.folders = foldersOf(params);
    serve(session, params.initializationOptions);
    return initializeResult(session);
  });
  connection.listen();
}

function serve(session: Session, initializationOptions: unknown): void {
  const { connection, documents } = session;
  const reports = new Reports(session);
  const changed = () => reports.changed();
  const imports = new ImportAudits(session, changed);
  session.judgeImports(imports);
  const builds = new BuildAudits(session, changed);
  session.builds = builds;
  serveImports(session, imports);
  const index = new WorkspaceIndex(session, () => {
    session.filesChanged();
    changed();
  });
  const configured = new Promise<void>((resolve) => {
    connection.onInitialized(async () => {
      await loadSettings(session, initializationOptions).finally(resolve);
      await Promise.all([watchConfiguration(session), watchFiles(session)]);
      if (session.client.workspaceFolders) {
        connection.workspace.onDidChangeWorkspaceFolders(foldersChanged);
      }
      await index.build();
    });
  });
  connection.onDidChangeConfiguration(async ({ settings }) => {
    const indexed = session.settings.indexWorkspace;
    await loadSettings(session, settings);
    changed();
    if (session.settings.indexWorkspace !== indexed) {
      await index.build();
    }
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) builds.fileChanged(pathOf(uri));
    return index.filesChanged(changes);
  });

  documents.onDidChangeContent(({ document }) => {
    builds.take(document);
    if (!imports.take(document) && !BuildAudits.isForeign(pathOf(document.uri))) session.edited(document);
    changed();
  });
  documents.onDidClose(async ({ document }) => {
    const path = pathOf(document.uri);
    builds.closed(path);
    if (!imports.closed(path)) session.closed(document);
    reports.closed(document.uri);
    if (!ImportAudits.isDependencyFile(path) && !BuildAudits.isForeign(path)) await index.closed(path);
  });
  documents.listen(connection);

  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }) => {
    await configured;
    return reports.pull(textDocument.uri, previousResultId);
  });
  connection.onCodeAction(async (params) => [
    ...(await codeActions(session, params)),
    ...importActions(session, params),
    ...buildActions(session, builds, params),
  ]);

  async function foldersChanged({ added, removed }: WorkspaceFoldersChangeEvent): Promise<void> {
    const gone = new Set(removed.map(({ uri }) => pathOf(uri)));
    const come = added.map(({ uri }) => pathOf(uri)).filter(isDiskPath);
    session.folders = [...session.folders.filter((folder) => !gone.has(folder)), ...come];
    await index.build();
  }
}

function foldersOf(params: InitializeParams): string[] {
  const { workspaceFolders, rootUri } = params;
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
  return uris.map(pathOf).filter(isDiskPath);
}

function initializeResult({ client }: Session): InitializeResult {
  return {
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      ...(client.codeActionLiterals && {
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
      }),
      ...(client.pullDiagnostics && {
        diagnosticProvider: {
          identifier: "threadproof",
          interFileDependencies: true,
          workspaceDiagnostics: false,
        },
      }),
    },
    serverInfo: { name: "Threadproof" },
  };
}
