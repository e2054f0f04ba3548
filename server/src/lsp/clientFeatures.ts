/** What the connected editor can do, read once from its `initialize` request. */
import type { ClientCapabilities } from "vscode-languageserver";

export interface ClientFeatures {
  readonly pullDiagnostics: boolean;
  readonly refreshDiagnostics: boolean;
  readonly configuration: boolean;
  readonly registerConfiguration: boolean;
  readonly registerWatchers: boolean;
  readonly workspaceFolders: boolean;
  readonly workDoneProgress: boolean;
  readonly versionedEdits: boolean;
  readonly relatedInformation: boolean;
  readonly codeActionLiterals: boolean;
  readonly disabledActions: boolean;
  /** A workspace edit may make a file. */
  readonly createsFiles: boolean;
}

export function readClientFeatures({ workspace, textDocument, window }: ClientCapabilities): ClientFeatures {
  return {
    pullDiagnostics: textDocument?.diagnostic !== undefined,
    refreshDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    configuration: workspace?.configuration === true,
    registerConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registerWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    workDoneProgress: window?.workDoneProgress === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    relatedInformation:
      textDocument?.diagnostic?.relatedInformation === true ||
      textDocument?.publishDiagnostics?.relatedInformation === true,
    codeActionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    disabledActions: textDocument?.codeAction?.disabledSupport === true,
    createsFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes("create") === true,
  };
}
