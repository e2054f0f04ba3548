"""Runs one demonstration and prints, as JSON lines, what it cannot say itself: exceptions and standstill.

    python runner.py PROGRAM

The program prints a line of its own, such as {"lost": 12}. A deadlock is noticed by a watchdog: no processor time
used for a while, although the program has not ended. A program that is busy for ever is ended from outside.
"""

import json
import os
import runpy
import sys
import threading
import time

STANDSTILL_SECONDS = 2.0
# What the watchdog itself needs meanwhile, seconds of processor time.
OWN_SHARE = 0.05


def say(**seen):
    # Straight to the descriptor: demonstrations replace sys.stdout, and locks of files may be held for ever.
    os.write(1, f"{json.dumps(seen)}\n".encode())


def first(raised):
    return {"raised": raised[0]} if raised else {}


def watch(raised):
    used, since = time.process_time(), time.monotonic()
    while True:
        time.sleep(0.1)
        if time.process_time() - used > OWN_SHARE:
            used, since = time.process_time(), time.monotonic()
        elif time.monotonic() - since > STANDSTILL_SECONDS:
            say(deadlock=True, **first(raised))
            os._exit(0)


def main(program):
    raised = []
    threading.excepthook = lambda failed: raised.append(failed.exc_type.__name__)
    threading.Thread(target=watch, args=(raised,), daemon=True).start()
    sys.argv = [program]
    try:
        runpy.run_path(program, run_name="__main__")
    except Exception as error:
        raised.append(type(error).__name__)
    say(ended=True, **first(raised))


main(sys.argv[1])
