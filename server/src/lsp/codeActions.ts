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
import type { Sources } from "../fixes/source.ts";
import { toDiagnostic, toRange } from "./diagnostic.ts";
import { isAnalysed, pathOf } from "./documentPath.ts";
import { fixAllActions } from "./fixAllAction.ts";
import {
  declareFixes,
  type FurtherAction,
  pageAction,
  refusalAction,
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
  const tree = session.tree(path);
  const sources = {
    tree: (file: string) => (file === path ? tree : session.tree(file)),
    target: (file: string) => session.targetOf(file),
  };
  const offers = findings.map((finding) => {
    const activity = `fixing ${finding.rule} in ${path}`;
    const make = (fixes: (finding: Finding, sources: Sources) => TextFix[]) =>
      session.guarded(activity, () => fixes(finding, sources), []);
    return {
      finding,
      diagnostic: diagnosticOf(session, finding, params),
      repairs: make(fixesFor),
      declarations: make(declareFixes),
      comments: make(silenceFixes),
    };
  });
  // One kind after the other, and what repairs first: findings that share a line share the menu.
  const menu = await Promise.all(
    ways(session).map(async (way) => withoutTwins((await Promise.all(offers.map(way))).flat())),
  );
  return [...menu.flat(), ...all];
}

/** What can be done about a finding. */
interface Offer {
  readonly finding: Finding;
  readonly diagnostic: Diagnostic;
  readonly repairs: readonly TextFix[];
  readonly declarations: readonly TextFix[];
  readonly comments: readonly TextFix[];
}

/** The menu's kinds of entries, from the first to the last. */
function ways(session: Session): ((offer: Offer) => Promise<CodeAction[]>)[] {
  const edits = (fixes: readonly TextFix[], { diagnostic }: Offer) =>
    present(fixes.map((fix) => toCodeAction(session, fix, diagnostic)));
  const further = (action: FurtherAction | Promise<FurtherAction>, { diagnostic }: Offer) =>
    present([tied(action, diagnostic)]);
  return [
    (offer) => edits(offer.repairs, offer),
    (offer) => further(refusalAction(session, offer.finding, offer.repairs), offer),
    (offer) => edits(offer.declarations, offer),
    (offer) => further(testAction(session, offer.finding), offer),
    (offer) => edits(offer.comments, offer),
    (offer) => further(silenceAction(session, offer.finding), offer),
    (offer) => further(pageAction(session, offer.finding), offer),
  ];
}

async function tied(action: FurtherAction | Promise<FurtherAction>, diagnostic: Diagnostic) {
  const made = await action;
  return made && { kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], ...made };
}

async function present(actions: readonly Promise<CodeAction | undefined>[]): Promise<CodeAction[]> {
  return (await Promise.all(actions)).filter((action) => action !== undefined);
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
