/** "Turn into a stress test": shows the file that the action has made. */
import * as vscode from "vscode";
import type { StressTestCommand } from "../../server/src/protocol.ts";

const stressTestCommand: StressTestCommand = "threadproof.openStressTest";

export function registerStressTest(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.commands.registerCommand(stressTestCommand, open));
}

/** Opened from here because only the extension's host knows where files are when the window is on another machine. */
async function open(uri: string): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.parse(uri));
}
