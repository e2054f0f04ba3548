/** What the connected editor can do, read once from its `initialize` request. */
import type { InitializeParams } from "vscode-languageserver";
import { z } from "zod";
import type { ClientOffers } from "../protocol.ts";

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
  /** It has the commands of this extension. */
  readonly commands: boolean;
}

const clientOffers: z.ZodType<ClientOffers> = z.object({ commands: z.boolean() });

export function readClientFeatures({
  capabilities,
  initializationOptions,
}: InitializeParams): ClientFeatures {
  const { workspace, textDocument, window } = capabilities;
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
    commands: clientOffers.safeParse(initializationOptions).data?.commands ?? false,
  };
}
