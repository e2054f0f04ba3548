/** Quick fixes for the findings under the cursor, as edits the editor can apply. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type Range,
} from "vscode-languageserver";
import type { Finding } from "../findings/finding.ts";
import type { TextFix } from "../fixes/fix.ts";
import { fixesFor } from "../fixes/fixesFor.ts";
import { toDiagnostic, toRange } from "./diagnostic.ts";
import { isAnalysed, pathOf } from "./documentPath.ts";
import { fixAllActions } from "./fixAllAction.ts";
import { furtherFixes, linksAndTests } from "./furtherActions.ts";
import type { Session } from "./session.ts";
import { toWorkspaceEdit } from "./workspaceEdit.ts";

/** An edit to a file that cannot be read any more makes its fix disappear, not the others. */
export async function codeActions(session: Session, params: CodeActionParams): Promise<CodeAction[]> {
  const path = pathOf(params.textDocument.uri);
  const document = session.openDocument(path);
  if (!isAnalysed(params.textDocument.uri) || document === undefined) return [];
  const all = await fixAllActions(session, path, params.context.only);
  if (!asksForFixes(params.context.only)) return all;
  const actions = new Map<string, CodeAction>();
  const findings = session.findings(path).filter(({ range }) => touches(toRange(range), params.range));
  for (const { finding, fix } of fixesOf(session, path, findings)) {
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
  const links = findings.map((finding) =>
    linksAndTests(session, finding, diagnosticOf(session, finding, params)),
  );
  return [...actions.values(), ...(await Promise.all(links)).flat(), ...all];
}

/** All repairs first, then what can be done about a finding otherwise. */
function fixesOf(
  session: Session,
  path: string,
  findings: readonly Finding[],
): { finding: Finding; fix: TextFix }[] {
  const tree = findings.length > 0 ? session.tree(path) : undefined;
  const sources = {
    tree: (file: string) => (file === path ? tree : session.tree(file)),
    target: (file: string) => session.targetOf(file),
  };
  const made = (make: (finding: Finding) => TextFix[]) =>
    findings.flatMap((finding) => {
      const activity = `fixing ${finding.rule} in ${path}`;
      return session.guarded(activity, () => make(finding), []).map((fix) => ({ finding, fix }));
    });
  return [
    ...made((finding) => fixesFor(finding, sources)),
    ...made((finding) => furtherFixes(finding, sources)),
  ];
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
  const edit = await toWorkspaceEdit(session, fix.edits);
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
