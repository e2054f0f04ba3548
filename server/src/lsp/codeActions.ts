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
import { fixesFor, type Sources } from "../fixes/fixesFor.ts";
import { toDiagnostic, toRange } from "./diagnostic.ts";
import { isAnalysed, pathOf } from "./documentPath.ts";
import { fixAllActions } from "./fixAllAction.ts";
import {
  declareFixes,
  type FurtherAction,
  pageAction,
  silenceAction,
  silenceFixes,
  testAction,
} from "./furtherActions.ts";
import type { Session } from "./session.ts";
import { toWorkspaceEdit } from "./workspaceEdit.ts";

/** An edit to a file that cannot be read any more makes its fix disappear, not the others. */
export async function codeActions(session: Session, params: CodeActionParams): Promise<CodeAction[]> {
  const path = pathOf(params.textDocument.uri);
  const document = session.openDocument(path);
  if (!isAnalysed(params.textDocument.uri) || document === undefined) return [];
  const all = await fixAllActions(session, path, params.context.only);
  if (!asksForFixes(params.context.only)) return all;
  const findings = session.findings(path).filter(({ range }) => touches(toRange(range), params.range));
  const about = findings.map((finding) => ({ finding, diagnostic: diagnosticOf(session, finding, params) }));
  const made = await Promise.all(
    // One kind after the other, and what repairs first: findings that share a line share the menu.
    waysOut(session, path).map(async (way) => withoutTwins((await Promise.all(about.map(way))).flat())),
  );
  return [...made.flat(), ...all];
}

interface Reported {
  finding: Finding;
  diagnostic: Diagnostic;
}

/** What the menu offers for a finding, one function for each kind of entry, in the order of the menu. */
function waysOut(session: Session, path: string): ((reported: Reported) => Promise<CodeAction[]>)[] {
  const tree = session.tree(path);
  const sources = {
    tree: (file: string) => (file === path ? tree : session.tree(file)),
    target: (file: string) => session.targetOf(file),
  };
  const edits =
    (make: (finding: Finding, sources: Sources) => TextFix[]) =>
    async ({ finding, diagnostic }: Reported) => {
      const activity = `fixing ${finding.rule} in ${path}`;
      const fixes = session.guarded(activity, () => make(finding, sources), []);
      const actions = await Promise.all(fixes.map((fix) => toCodeAction(session, fix, diagnostic)));
      return actions.filter((action) => action !== undefined);
    };
  const further =
    (make: FurtherAction) =>
    async ({ finding, diagnostic }: Reported) => {
      const action = await make(session, finding);
      return action ? [{ kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], ...action }] : [];
    };
  return [
    edits(fixesFor),
    edits(declareFixes),
    further(testAction),
    edits(silenceFixes),
    further(silenceAction),
    further(pageAction),
  ];
}

/** Findings of one statement often share their fix. */
function withoutTwins(actions: readonly CodeAction[]): CodeAction[] {
  const different = new Map<string, CodeAction>();
  for (const action of actions) {
    const key = JSON.stringify([action.title, action.edit, action.command]);
    const same = different.get(key);
    const diagnostics = [...(same?.diagnostics ?? []), ...(action.diagnostics ?? [])];
    different.set(key, { ...(same ?? action), diagnostics });
  }
  return [...different.values()];
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
