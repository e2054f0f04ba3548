/** What goes wrong with a benchmark as a whole, in words for the person who asked for it. Pure. */
import { versionText } from "../environment/interpreter.ts";
import { tail } from "./cappedOutput.ts";
import type { Cell } from "./plan.ts";
import { type InstallHelp, type InstallWay, installHelp } from "./report/installHelp.ts";
import type { Unfinished } from "./runProgram.ts";

/** Ends the command with exit code 2; the message is all that is shown. */
export class BenchFailure extends Error {
  override name = "BenchFailure";
}

/** There is nothing to compare. */
export class MissingInterpreters extends BenchFailure {
  constructor(
    message: string,
    readonly install: InstallHelp,
  ) {
    super(message);
  }
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
  outcome: Unfinished,
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

/** Why a lane is given up, as a clause. */
export function shortFailure(outcome: Exclude<Unfinished, { kind: "cancelled" }>, timeoutMs: number): string {
  if (outcome.kind === "timeout") {
    return `it did not end within ${timeoutMs / 1000} s`;
  }
  const { signal, exitCode, stderr } = outcome;
  const how = signal ? `it crashed with ${signal}` : `it failed with exit status ${exitCode}`;
  const last = tail(stderr, 1);
  return last ? `${how}: ${last}` : how;
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}

/** Names what was looked for and how to get it. */
export function missingInterpreters(
  found: readonly string[],
  missing: readonly string[],
  platform: NodeJS.Platform,
): MissingInterpreters {
  const install = installHelp(found, missing, platform);
  const ways = [install, ...install.alternatives].map(({ how, command, link }: InstallWay) =>
    command ? `  ${command}  (${how})` : `  ${how}${link ? `: ${link}` : ""}`,
  );
  return new MissingInterpreters(
    [install.problem, install.lookedAt, "Install what is missing, or name it with --python:", ...ways].join(
      "\n",
    ),
    install,
  );
}
