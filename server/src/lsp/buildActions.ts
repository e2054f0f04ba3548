/** Repairs of findings in build files and native sources. */
import { type CodeAction, CodeActionKind, type CodeActionParams } from "vscode-languageserver";
import type { BuildAudits } from "./buildAudits.ts";
import { toDiagnostic, toRange } from "./diagnostic.ts";
import { pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

export function buildActions(
  session: Session,
  builds: BuildAudits,
  { context, range, textDocument }: CodeActionParams,
): CodeAction[] {
  const path = pathOf(textDocument.uri);
  const document = builds.openDocument(path);
  if (!document || (context.only && !context.only.includes(CodeActionKind.QuickFix))) return [];
  return builds.findings(path).flatMap((finding) => {
    const at = toRange(finding.range);
    if (at.end.line < range.start.line || at.start.line > range.end.line) return [];
    const sent = context.diagnostics.find(
      (one) => one.code === finding.rule && JSON.stringify(one.range) === JSON.stringify(at),
    );
    const diagnostic =
      sent ?? toDiagnostic(finding, (file) => session.locate(file), session.client.relatedInformation);
    return finding.fixes.map(({ title, edits, isPreferred }) => {
      const changes = edits.map(({ start, end, newText }) => ({
        range: { start: document.positionAt(start), end: document.positionAt(end) },
        newText,
      }));
      const { uri, version } = document;
      const edit = session.client.versionedEdits
        ? { documentChanges: [{ textDocument: { uri, version }, edits: changes }] }
        : { changes: { [uri]: changes } };
      return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred, edit };
    });
  });
}
