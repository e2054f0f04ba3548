/** The `threadproof` command. Exit codes: 0 clean, 1 findings, 2 the run itself failed. */
import { Command, CommanderError } from "commander";
import { version } from "../../../package.json";
import { BenchFailure } from "../bench/failure.ts";
import { benchCommand } from "./bench.ts";
import { checkCommand } from "./check.ts";
import { dataCommand } from "./data.ts";
import { importsCommand } from "./imports.ts";
import { UsageError } from "./loadSources.ts";
import { lspCommand } from "./lsp.ts";

const program = new Command("threadproof")
  .description("Is this Python ready for free-threaded CPython?")
  .version(version)
  .addCommand(checkCommand())
  .addCommand(importsCommand())
  .addCommand(dataCommand())
  .addCommand(benchCommand())
  .addCommand(lspCommand());

for (const command of [program, ...program.commands]) {
  command.exitOverride();
}

// `| head` closes the pipe early, which is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 2);
});

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // Commander has printed its message; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`threadproof: ${describe(error)}\n`);
    process.exitCode = 2;
  }
});

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const isForTheUser = error instanceof UsageError || error instanceof BenchFailure || "syscall" in error;
  return isForTheUser ? error.message : `failed, please report it: ${error.stack}`;
}
