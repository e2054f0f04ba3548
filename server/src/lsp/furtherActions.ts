/** What can be done about a finding other than repair it: silence it, declare its guard, read about it, try it out. */
import { access } from "node:fs/promises";
import type { CodeAction, WorkspaceEdit } from "vscode-languageserver";
import type { Finding } from "../findings/finding.ts";
import { rulePage } from "../findings/rulePage.ts";
import { declareGuard } from "../fixes/declareGuard.ts";
import type { TextFix } from "../fixes/fix.ts";
import type { Sources } from "../fixes/source.ts";
import { importRules } from "../imports/importRules.ts";
import type {
  RefusalCommand,
  RefusalRequest,
  SilenceCommand,
  SilenceRequest,
  StressTestCommand,
} from "../protocol.ts";
import { isAboutData, type StressTest, stressTest } from "../stressTest/stressTest.ts";
import { suppressHere } from "../suppressions/edits.ts";
import { isDiskPath, uriOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

const silenceCommand: SilenceCommand = "threadproof.silenceWithReason";
const refusalCommand: RefusalCommand = "threadproof.explainRefusal";
const stressTestCommand: StressTestCommand = "threadproof.openStressTest";

/** Rules with actions of their own, which link the page too. */
const linkedElsewhere: ReadonlySet<string> = new Set(importRules.map(({ name }) => name));

/** An action without what all actions of its finding have: kind and diagnostic. Nothing where it is not offered. */
export type FurtherAction = Omit<CodeAction, "kind" | "diagnostics"> | undefined;

/** VS Code leaves disabled actions out of its menu; so that its users learn the reasons, the client has a command. */
export function refusalAction(session: Session, { rule }: Finding, fixes: readonly TextFix[]): FurtherAction {
  const refusals = fixes.flatMap(({ title, disabled }) =>
    disabled === undefined ? [] : [{ title, reason: disabled }],
  );
  if (!session.client.commands || refusals.length === 0) return undefined;
  const title = refusals.length < fixes.length ? "Why is no other fix offered…" : "Why is no fix offered…";
  const request: RefusalRequest = { refusals, page: rulePage(rule) };
  return { title, command: { command: refusalCommand, title, arguments: [request] } };
}

export function declareFixes(finding: Finding, sources: Sources): TextFix[] {
  const declared = declareGuard(finding, sources);
  return declared === undefined ? [] : [declared];
}

export function silenceFixes(finding: Finding, sources: Sources): TextFix[] {
  const tree = sources.tree(finding.path);
  return tree === undefined || finding.rule === "unused-suppression" ? [] : [suppressHere(finding, tree)];
}

/** Commands are the client's, so only clients that say that they have them are offered the page. */
export function pageAction(session: Session, { rule }: Finding): FurtherAction {
  if (!session.client.commands || linkedElsewhere.has(rule)) return undefined;
  const title = `Read about ${rule}`;
  return { title, command: { command: "vscode.open", title, arguments: [rulePage(rule)] } };
}

/** The client asks for the reason and writes it into the comment. */
export function silenceAction(session: Session, finding: Finding): FurtherAction {
  const tree = session.tree(finding.path);
  const document = session.openDocument(finding.path);
  if (!session.client.commands || tree === undefined || document === undefined) return undefined;
  const [edit] = suppressHere(finding, tree).edits;
  // A rule added to a comment that is there shares the reason that is there.
  if (edit === undefined || finding.rule === "unused-suppression" || !edit.newText.includes("["))
    return undefined;
  const title = `Silence ${finding.rule} here, with a reason…`;
  const request: SilenceRequest = {
    uri: document.uri,
    version: document.version,
    range: { start: document.positionAt(edit.start), end: document.positionAt(edit.end) },
    comment: edit.newText,
  };
  return { title, command: { command: silenceCommand, title, arguments: [request] } };
}

export async function testAction(session: Session, finding: Finding): Promise<FurtherAction> {
  const { path } = finding;
  const tree = session.tree(path);
  const root = rootOf(session, path);
  if (!isAboutData(finding) || tree === undefined || root === undefined || !session.client.createsFiles)
    return undefined;
  const activity = `making a stress test of ${finding.rule} in ${path}`;
  const offer = session.guarded(activity, () => stressTest(finding, tree, root), undefined);
  if (offer === undefined) return undefined;
  if ("disabled" in offer) {
    const disabled = { reason: offer.disabled };
    return session.client.disabledActions ? { title: "Turn into a stress test", disabled } : undefined;
  }
  const uri = uriOf(await freePath(offer.path));
  const title = `Turn into a stress test: \`tests/${uri.slice(uri.lastIndexOf("/") + 1)}\``;
  return {
    title,
    edit: creation(uri, offer),
    ...(session.client.commands && {
      command: { command: stressTestCommand, title: "Open", arguments: [uri] },
    }),
  };
}

function creation(uri: string, { text }: StressTest): WorkspaceEdit {
  const start = { line: 0, character: 0 };
  return {
    documentChanges: [
      { kind: "create", uri },
      { textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: text }] },
    ],
  };
}

/** The workspace folder a file is in, the innermost of several. */
function rootOf({ folders }: Session, path: string): string | undefined {
  if (!isDiskPath(path)) return undefined;
  return folders.filter((folder) => path.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];
}

async function freePath(path: string): Promise<string> {
  const isTaken = (candidate: string) =>
    access(candidate).then(
      () => true,
      () => false,
    );
  let candidate = path;
  for (let number = 2; await isTaken(candidate); number += 1) {
    candidate = path.replace(/\.py$/, `_${number}.py`);
  }
  return candidate;
}
