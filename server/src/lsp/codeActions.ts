/** Quick fixes for the findings under the cursor, as edits the editor can apply. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
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
  const actions = new Map<string, CodeAction>();
  for (const { finding, fix } of fixesAt(session, path, params.range)) {
    const action = await toCodeAction(session, fix, diagnosticOf(session, finding, params));
    if (action !== undefined) {
      // Findings of one statement often share their fix.
      const key = `${fix.title} ${JSON.stringify(fix.edits)}`;
      const same = actions.get(key);
      actions.set(
        key,
        same ? { ...same, diagnostics: [...same.diagnostics!, ...action.diagnostics!] } : action,
      );
    }
  }
  return [...actions.values()];
}

function fixesAt(session: Session, path: string, range: Range): { finding: Finding; fix: TextFix }[] {
  const findings = session.findings(path).filter((finding) => touches(toRange(finding.range), range));
  const tree = findings.length > 0 ? session.tree(path) : undefined;
  const sources = { tree: (file: string) => (file === path ? tree : session.tree(file)) };
  return findings.flatMap((finding) => {
    const make = () => fixesFor(finding, sources);
    const fixes = session.guarded(`fixing ${finding.rule} in ${path}`, make, []);
    return fixes.map((fix) => ({ finding, fix }));
  });
}

/** Nothing when the editor cannot show why a fix is impossible, or when a file to edit cannot be read. */
async function toCodeAction(
  session: Session,
  fix: TextFix,
  diagnostic: Diagnostic,
): Promise<CodeAction | undefined> {
  const action = { title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] };
  if (fix.disabled !== undefined) {
    return session.client.disabledActions ? { ...action, disabled: { reason: fix.disabled } } : undefined;
  }
  const edit = await toWorkspaceEdit(session, fix);
  return edit && { ...action, isPreferred: fix.isPreferred, edit };
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
