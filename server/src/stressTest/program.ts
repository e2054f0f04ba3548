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
    sum: `Checks that \`${finding.symbol}\` adds up, too.\n`,
    same: "Checks that all threads get the same object, too.\n",
    exceptions: "",
  }[check];
  const measured = (code: string, otherwise = "") => (check === "sum" ? code : otherwise);
  const functions = calls.map((expression) => `    lambda module, subject: ${expression},`).join("\n");
  return `"""Stress test for ${finding.rule} at \`${finding.symbol}\` in ${module}.

Calls the code from several threads at once and checks that nothing raises that does
not raise with one thread.
${holds}In every second round the threads pause between bytecodes of the module, so that
what can come between two steps does.

Run it with a free-threaded interpreter:
    python3.13t tests/${file}
Exit status: 0 nothing was seen (which proves nothing), 1 it failed, 2 it could not run.
"""

import importlib
${measured("import math\n")}import os
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
HAMMERED = (ACCESSES * THREADS)[:THREADS]  # what each thread calls


${measured(`def value(module, subject):
    """The number, or the sum of the numbers in the container."""
    data = ${data}
    if isinstance(data, dict):
        data = list(data.values())
    numbers = data if isinstance(data, (list, set)) else [data]
    return sum(number for number in numbers if isinstance(number, (int, float)))


`)}def alone(accesses):
    """With one thread: how much each access changes the value, and what they raise."""
    module = fresh_module()
    subject = make(module)
    changes, raised, went_well = {access: set() for access in accesses}, set(), set()
    for access in accesses * 2:
${measured("        before = value(module, subject)\n")}        for _ in range(CALLS):
            try:
                access(module, subject)
                went_well.add(access)
            except (LookupError, ValueError) as error:
                raised.add(type(error))
${measured("        changes[access].add(value(module, subject) - before)\n")}    if len(went_well) < len(accesses):
        raise RuntimeError("a call that always raises shows nothing")
    return changes, raised


def alone_in_both_orders():
    """The changes, where they are always the same, and the types of exceptions."""
    outcome = []

    def run():
        try:
            outcome.append(alone(ACCESSES))
            outcome.append(alone(ACCESSES[::-1]))
        except Exception:
            traceback.print_exc()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout=60)
    if len(outcome) < 2:
        return None
    (changes, raised), (others, more) = outcome
    steady = changes == others and all(len(each) == 1 for each in changes.values())
    return changes if steady else None, tuple(raised | more)


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

    threads = [
        threading.Thread(target=hammer, args=(access,), daemon=True)
        for access in HAMMERED
    ]
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
    outcome = alone_in_both_orders()
    if outcome is None:
        print("It cannot run: with one thread already it raises or waits.")
        print("Look at make() and ACCESSES.")
        return 2
    changes, raised = outcome
    end = time.monotonic() + SECONDS
    rounds = 0
    while time.monotonic() < end:
        results, errors, change = together(paused=rounds % 2 == 1)
        rounds += 1
        errors = [error for error in errors if not isinstance(error, raised)]
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
    return `        expected = change
        if changes is not None:
            expected = sum(sum(changes[access]) for access in HAMMERED)
        if not math.isclose(change, expected):
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
