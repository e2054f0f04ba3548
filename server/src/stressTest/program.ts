// The text of a stress test: plain Python, without any package.
import type { Finding } from "../findings/finding.ts";
import type { Subject } from "./subject.ts";

/**
 * What has to hold: `sum`: each call changes a number by as much as it does alone; `same`: all threads get one
 * object; `exceptions`: nothing raises that does not raise alone.
 */
export type Check = "sum" | "same" | "exceptions";

export interface ProgramRequest {
  readonly finding: Finding;
  readonly subject: Subject;
  readonly check: Check;
  readonly module: string;
  /** Folder to import from, relative to the one above `tests`. */
  readonly folder: string;
  /** Name of the new file. */
  readonly file: string;
}

export function program({ finding, subject, check, module, folder, file }: ProgramRequest): string {
  const { made, calls, data } = subject;
  const holds = {
    sum: `every call changes \`${finding.symbol}\` by as much as it does with one thread`,
    same: "all threads get the same object",
    exceptions: "nothing raises that does not raise with one thread",
  }[check];
  const measured = (code: string, otherwise = "") => (check === "sum" ? code : otherwise);
  const functions = calls.map((expression) => `    lambda module, subject: ${expression},`).join("\n");
  return `"""Stress test for ${finding.rule} at \`${finding.symbol}\` in ${module}.

Calls the code from several threads at once and checks that
${holds}.
In every second round the threads pause between bytecodes of the module, so that
what can come between two steps does.

Run it with a free-threaded interpreter:
    python3.13t tests/${file}
Exit status: 0 nothing was seen (which proves nothing), 1 it failed, 2 it could not run.
"""

import importlib
import os
import random
import sys
import threading
import time
import traceback
from pathlib import Path

SECONDS = 5.0
THREADS = max(4, min(16, os.cpu_count() or 4))
CALLS = ${check === "same" ? "1" : "200"}  # of each thread in a round

sys.path.insert(0, str(Path(__file__).resolve().parent.parent${folder === "" ? "" : ` / "${folder}"`}))


def fresh_module():
    """The module as it is after its import, for each round anew."""
    sys.modules.pop("${module}", None)
    return importlib.import_module("${module}")


def make(module):
    return ${made ?? "None"}


ACCESSES = [
${functions}
]


${measured(`def value(module, subject):
    return ${data}


`)}def alone():
    """How much the calls of each access change the value, with one thread."""
    module = fresh_module()
    subject = make(module)
    changes = []
    for access in ACCESSES:
${measured("        before = value(module, subject)\n")}        for _ in range(CALLS):
            access(module, subject)
        changes.append(${measured("value(module, subject) - before", "None")})
    return changes


def twice_alone():
    """The changes by one thread, which have to be the same each time."""
    outcome = []

    def run():
        try:
            outcome.append(alone())
            outcome.append(alone())
        except Exception:
            traceback.print_exc()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout=60)
    return outcome[0] if len(outcome) == 2 and outcome[0] == outcome[1] else None


def pauses(file):
    """A trace function that lets other threads run between bytecodes of the file."""
    chance = random.Random()

    def step(frame, event, argument):
        if event == "opcode" and chance.random() < 0.05:
            time.sleep(0)
        return step

    def enter(frame, event, argument):
        if frame.f_code.co_filename != file:
            return None
        frame.f_trace_opcodes = True
        return step

    return enter


def together(paused):
    """One round: what calls gave and raised, and the change of the value."""
    module = fresh_module()
    subject = make(module)
    results, errors = [], []
    barrier = threading.Barrier(THREADS)
${measured("    before = value(module, subject)\n")}
    def hammer(access):
        # One list for all would make the threads wait for each other.
        given = []
        barrier.wait()
        if paused:
            sys.settrace(pauses(module.__file__))
        for _ in range(CALLS):
            try:
                given.append(access(module, subject))
            except Exception as error:
                errors.append(error)
        sys.settrace(None)
        results.extend(given)

    threads = []
    for n in range(THREADS):
        access = ACCESSES[n % len(ACCESSES)]
        threads.append(threading.Thread(target=hammer, args=(access,), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        if thread.is_alive():
            print("FAILED: a thread does not come to an end", flush=True)
            os._exit(1)
    return results, errors, ${measured("value(module, subject) - before", "None")}


def main():
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        print("The GIL is on: failures are rarer here. Use a free-threaded build.")
        sys.setswitchinterval(1e-6)
    changes = twice_alone()
    if changes is None:
        print("It cannot run: with one thread already it raises, waits or differs.")
        print("Look at make() and ACCESSES.")
        return 2
    end = time.monotonic() + SECONDS
    rounds = 0
    while time.monotonic() < end:
        results, errors, change = together(paused=rounds % 2 == 1)
        rounds += 1
        if errors:
            traceback.print_exception(errors[0])
            raised = f"{len(errors)} calls raised, the first: {errors[0]!r}"
            print(f"FAILED in round {rounds}: {raised}")
            return 1
${failure(check)}    print(f"Nothing was seen in {rounds} rounds of {THREADS} threads.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
`;
}

function failure(check: Check): string {
  if (check === "sum") {
    return `        expected = sum(changes[n % len(changes)] for n in range(THREADS))
        if change != expected:
            change = f"the value changed by {change} instead of {expected}"
            print(f"FAILED in round {rounds}: {change}")
            return 1
`;
  }
  if (check === "same") {
    return `        if len(ACCESSES) == 1 and any(result is not results[0] for result in results):
            different = len({id(result) for result in results})
            print(f"FAILED in round {rounds}: {different} different objects")
            return 1
`;
  }
  return "";
}
