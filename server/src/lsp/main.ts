/** The server's process: one connection over what the command line says (`--stdio`, `--node-ipc`). */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { startServer } from "./server.ts";

const connection = createConnection(ProposedFeatures.all);

// A request that fails is answered with an error by the connection itself. What arrives here came from background
// work, and must not take the diagnostics of every open file with it.
process.on("uncaughtException", (error) => connection.console.error(`Unexpected error: ${error.stack}`));
process.on("unhandledRejection", (reason) => {
  connection.console.error(`Unexpected error: ${reason instanceof Error ? reason.stack : String(reason)}`);
});

startServer(connection);
