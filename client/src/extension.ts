/** Puts the parts together when the first Python document opens, and takes them apart again. */
import * as vscode from "vscode";
import { registerBenchmark } from "./benchmark/command.ts";
import { registerCommands } from "./commands.ts";
import { registerImports } from "./imports/command.ts";
import { followSelection } from "./imports/selection.ts";
import { registerRefusal } from "./refusal.ts";
import { Server } from "./server.ts";
import { registerSilence } from "./silence.ts";
import { StatusItem } from "./statusItem.ts";
import { registerStressTest } from "./stressTest.ts";

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Threadproof", { log: true });
  const status = new StatusItem();
  const server = new Server(context, log, status);
  context.subscriptions.push(server, status, log);

  registerCommands(context, server, log);
  registerBenchmark(context, log);
  registerImports(context, server, log);
  followSelection(context, server);
  registerSilence(context);
  registerRefusal(context);
  registerStressTest(context);

  log.info(
    `Threadproof ${context.extension.packageJSON.version}, VS Code ${vscode.version}, ${process.platform}`,
  );
  // Not awaited: the editor goes on while the server starts, and the status item tells how it went.
  void server.start();
}
