"""A plugin of pytest: runs only the tests that are asked for, and writes down as JSON lines what became of each."""

import json
import os

# Taken at once: tests change the environment.
_events = os.environ["FIX_TRIAL_TESTS"]
with open(os.environ["FIX_TRIAL_CHOICE"], encoding="utf-8") as _file:
    _choice = json.load(_file)
_open = open


def _say(**event):
    with _open(_events, "a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def pytest_collection_modifyitems(config, items):
    only = _choice["only"] and set(_choice["only"])
    without = set(_choice["without"])

    def is_wanted(item):
        names = {item.nodeid, item.nodeid.split("::")[0]}
        return not names & without and (only is None or bool(names & only))

    unwanted = [item for item in items if not is_wanted(item)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if is_wanted(item)]


def pytest_collectreport(report):
    if report.failed:
        _say(test=report.nodeid, what="failed")


def pytest_runtest_logstart(nodeid, location):
    _say(test=nodeid, what="started")


def pytest_runtest_logreport(report):
    if report.failed:
        _say(test=report.nodeid, what="failed")
    elif report.when == "call" and report.passed:
        _say(test=report.nodeid, what="passed")


def pytest_runtest_logfinish(nodeid, location):
    _say(test=nodeid, what="finished")
