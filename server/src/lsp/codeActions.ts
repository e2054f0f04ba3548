/** Quick fixes for the findings under the cursor, as edits the editor can apply. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Range,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Finding } from "../findings/finding.ts";
import type { TextFix } from "../fixes/fix.ts";
import { fixesFor } from "../fixes/fixesFor.ts";
import { readSource } from "../sources/readSource.ts";
import { toDiagnostic, toRange } from "./diagnostic.ts";
import { isAnalysed, isDiskPath, pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

const maxFileBytes = 10_000_000;

/** An edit to a file that cannot be read any more makes its fix disappear, not the others. */
export async function codeActions(session: Session, params: CodeActionParams): Promise<CodeAction[]> {
  const path = pathOf(params.textDocument.uri);
  const document = session.openDocument(path);
  if (!isAnalysed(params.textDocument.uri) || document === undefined || !asksForFixes(params.context.only)) {
    return [];
  }
  const actions: CodeAction[] = [];
  for (const finding of session.findings(path)) {
    if (!touches(toRange(finding.range), params.range)) {
      continue;
    }
    const text = document.getText();
    const fixes = session.guarded(`fixing ${finding.rule} in ${path}`, () => fixesFor(finding, text), []);
    for (const fix of fixes) {
      const edit = await toWorkspaceEdit(session, fix);
      if (edit !== undefined) {
        actions.push({
          title: fix.title,
          kind: CodeActionKind.QuickFix,
          diagnostics: [diagnosticOf(session, finding, params)],
          isPreferred: fix.isPreferred,
          edit,
        });
      }
    }
  }
  return actions;
}

/** An empty list of wanted kinds, or a kind that contains quick fixes. */
function asksForFixes(only: readonly CodeActionKind[] | undefined): boolean {
  return only === undefined || only.some((kind) => kind === "" || kind === CodeActionKind.QuickFix);
}

function touches(finding: Range, asked: Range): boolean {
  return !isBefore(finding.end, asked.start) && !isBefore(asked.end, finding.start);
}

function isBefore(a: Range["start"], b: Range["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

/** The editor's own object where it sent one, so that it can tie the action to its squiggle. */
function diagnosticOf(session: Session, finding: Finding, { context }: CodeActionParams) {
  const range = toRange(finding.range);
  return (
    context.diagnostics.find(
      (sent) => sent.code === finding.rule && JSON.stringify(sent.range) === JSON.stringify(range),
    ) ?? toDiagnostic(finding, (path) => session.locate(path), session.client.relatedInformation)
  );
}

async function toWorkspaceEdit(session: Session, fix: TextFix): Promise<WorkspaceEdit | undefined> {
  const documentEdits: TextDocumentEdit[] = [];
  for (const path of new Set(fix.edits.map((edit) => edit.path))) {
    const open = session.openDocument(path);
    const document = open ?? (await fromDisk(path));
    if (document === undefined) {
      return undefined;
    }
    documentEdits.push({
      textDocument: { uri: session.locate(path), version: open?.version ?? null },
      edits: fix.edits
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
