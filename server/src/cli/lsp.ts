/** `threadproof lsp`: the language server for editors that start it themselves. */
import { Command } from "commander";

export function lspCommand(): Command {
  return new Command("lsp")
    .description("speak the Language Server Protocol with an editor")
    .requiredOption("--stdio", "over standard input and output")
    .option("--clientProcessId <pid>", "end when this process ends")
    .action(async () => {
      // Starts serving when loaded, and reads its transport from the same command line.
      await import("../lsp/main.ts");
    });
}
