/** What goes wrong with a benchmark as a whole, in words for the person who asked for it. Pure. */
import { versionText } from "../environment/interpreter.ts";
import { tail } from "./cappedOutput.ts";
import type { Cell } from "./plan.ts";
import type { RunOutcome } from "./runProgram.ts";

/** Ends the command with exit code 2; the message is all that is shown. */
export class BenchFailure extends Error {
  override name = "BenchFailure";
}

/** The user has stopped it. */
export class BenchCancelled extends Error {
  override name = "BenchCancelled";
  constructor() {
    super("The benchmark was cancelled.");
  }
}

const shownLines = 15;

/**
 * @param worked lanes in which the program has run to its end before
 * @param timeoutMs how long a run was allowed to take, milliseconds
 */
export function outcomeFailure(
  outcome: Exclude<RunOutcome, { kind: "finished" }>,
  cell: Cell,
  file: string,
  worked: ReadonlySet<string>,
  timeoutMs: number,
): Error {
  if (outcome.kind === "cancelled") {
    return new BenchCancelled();
  }
  const { lane, threads } = cell;
  const where = `under ${lane.label} (${lane.interpreter.executable}, Python ${versionText(lane.interpreter)}) on ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const others = worked.size > 0 && !worked.has(lane.id) ? ` It runs under ${[...worked].join(", ")}.` : "";
  if (outcome.kind === "timeout") {
    return new BenchFailure(
      `${file} did not end within ${timeoutMs / 1000} s ${where} and was stopped.${others} ` +
        "Give it less to do, or more time with --budget.",
    );
  }
  const { exitCode, signal, stderr } = outcome;
  if (exitCode === 0) {
    return new BenchFailure(
      `${file} ended ${where} without returning to the interpreter (os._exit or exec?), so it cannot be measured.${others}`,
    );
  }
  const how = signal
    ? `crashed with ${signal}`
    : exitCode === null
      ? "could not be started"
      : `failed with exit status ${exitCode}`;
  const shown = tail(stderr, shownLines);
  const missing = /ModuleNotFoundError: No module named '([^']+)'/.exec(shown)?.[1];
  const advice = missing
    ? `\n${lane.interpreter.executable} does not have ${missing}: install it for that interpreter too.`
    : "";
  return new BenchFailure(`${file} ${how} ${where}.${others}${shown && `\n${indent(shown)}`}${advice}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}

/** Names what was looked for and how to get it. */
export function missingInterpreters(
  found: readonly string[],
  missing: readonly string[],
  platform: NodeJS.Platform,
): BenchFailure {
  const wanted = missing.length > 0 ? missing : ["3.13", "3.13t"];
  const also: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "the python.org installer with its free-threaded option, or `brew install python-freethreading`",
    win32: "`py install 3.13t`, or the python.org installer with its free-threaded option",
  };
  const other = also[platform] ?? "`pyenv install 3.13t`";
  return new BenchFailure(
    [
      `The benchmark needs one CPython 3.13 or later with the GIL and one free-threaded build of the same version; ${
        found.length > 0 ? `found only ${found.join(", ")}` : "found none"
      }.`,
      "Looked at: --python, PATH, the editor's selection, uv, pyenv, conda, and the usual places of this system.",
      `Install what is missing with \`uv python install ${wanted.join(" ")}\`, or ${other}; or name it with --python.`,
    ].join("\n"),
  );
}
