// One voice for all provisioning scripts: what is being done, how long it took, and what went wrong.
import { execa } from "execa";

/** Prints one line of progress on stderr, so that stdout stays free for results. */
export function say(message) {
  process.stderr.write(`[provide] ${message}\n`);
}

/**
 * Runs `work`, saying before what it is and afterwards how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = performance.now();
  say(`${title} …`);
  const result = await work();
  say(`${title}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Runs a program quietly. When it fails, the error carries the end of what it printed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("execa").Options} [options]
 */
export async function run(program, args, options = {}) {
  const result = await execa(program, args, { all: true, stdin: "ignore", reject: false, ...options });
  if (result.failed) {
    const tail = String(result.all ?? "")
      .split("\n")
      .slice(-25)
      .join("\n");
    throw new Error(`${[program, ...args].join(" ")} failed: ${result.shortMessage}\n${tail}`);
  }
  return result;
}
