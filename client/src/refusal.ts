/** "Why is no fix offered": shows the reasons that the server gives, with a way to the rule's page. */
import * as vscode from "vscode";
import type { RefusalCommand, RefusalRequest } from "../../server/src/protocol.ts";

const refusalCommand: RefusalCommand = "threadproof.explainRefusal";

export function registerRefusal(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.commands.registerCommand(refusalCommand, explain));
}

async function explain({ refusals, page }: RefusalRequest): Promise<void> {
  // A lock around all accesses and one around a single one are mostly wrong for the same reason.
  const titles = new Map(refusals.toReversed().map(({ title, reason }) => [reason, title]));
  const reasons = [...titles].toReversed().map(([reason, title]) => `“${title}”: ${reason}`);
  const read = vscode.l10n.t("Read about the rule");
  const answer = await vscode.window.showInformationMessage(reasons.join(" "), read);
  if (answer === read) await vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(page));
}
