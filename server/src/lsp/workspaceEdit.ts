/** The engine's text edits in the editor's words. */
import type { TextDocumentEdit, WorkspaceEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { TextEdit } from "../fixes/fix.ts";
import { readSource } from "../sources/readSource.ts";
import { isDiskPath } from "./documentPath.ts";
import type { Session } from "./session.ts";

const maxFileBytes = 10_000_000;

/** Nothing when a file to edit cannot be read any more. */
export async function toWorkspaceEdit(
  session: Session,
  edits: readonly TextEdit[],
): Promise<WorkspaceEdit | undefined> {
  const documentEdits: TextDocumentEdit[] = [];
  for (const path of new Set(edits.map((edit) => edit.path))) {
    const open = session.openDocument(path);
    const document = open ?? (await fromDisk(path));
    if (document === undefined) {
      return undefined;
    }
    documentEdits.push({
      textDocument: { uri: session.locate(path), version: open?.version ?? null },
      edits: edits
        .filter((edit) => edit.path === path)
        .map(({ start, end, newText }) => ({
          range: { start: document.positionAt(start), end: document.positionAt(end) },
          newText,
        })),
    });
  }
  if (session.client.versionedEdits) {
    return { documentChanges: documentEdits };
  }
  return {
    changes: Object.fromEntries(documentEdits.map((edit) => [edit.textDocument.uri, edit.edits])),
  } as WorkspaceEdit;
}

async function fromDisk(path: string): Promise<TextDocument | undefined> {
  const source = isDiskPath(path) ? await readSource(path, maxFileBytes) : undefined;
  return source?.kind === "read" ? TextDocument.create(path, "python", 0, source.text) : undefined;
}
