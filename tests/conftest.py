"""What holds for every test: the servers' fixtures, their markers, and no network beyond this machine."""

import gc
import ipaddress
import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.examples import FEW, examples

pytest_plugins = ["tests.servers.fixtures"]

MARKER_OF_FIXTURE = {
    "hapi": pytest.mark.hapi,
    "redis_server": pytest.mark.redis,
    "postgres_server": pytest.mark.postgres,
    "sandbox": pytest.mark.slow,  # a server for each test, half a second at least
}
TESTS = Path(__file__).parent
TESTS_WITH_SERVERS = {"contract", "integration"}
# Measuring coverage makes a test two to three times as long. So `make test` runs the tests in two parts, and
# only the part marked `measured` counts lines: all unit tests, and a sample of the kinds that go the whole
# way of a review, where one row of a table reaches the same lines as the next. Left out are tests that reach
# no line of their own in this process: properties (many values, same lines), drills (often what a test does
# once), kinds that start processes, and what runs on HAPI, which is measured on the sandbox.
MEASURED_WHOLE = {"unit"}
MEASURED_BY_SAMPLE = {"spec", "golden", "contract", "integration"}
ROWS_OF_A_SAMPLE = 6  # of each table: the first, and then every n-th, so that all parts of it have one
REACHES_NOTHING_NEW = ("hapi", "drill")
# A process of the tests inherits these from the one that started it, whose readline set them: tables would be
# cut to a window that nobody has.
for size_of_window in ("COLUMNS", "LINES"):
    os.environ.pop(size_of_window, None)
# The kinds with long files come first, so that two processes that share the files end together.
LONGEST_FIRST = ("property", "integration", "contract", "safety", "packaging", "spec", "golden", "unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the servers that it uses, so that nobody has to remember to."""
    order = {kind: index for index, kind in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(kind_of(item), len(order)))
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        if kind_of(item) in TESTS_WITH_SERVERS:
            item.add_marker("slow")  # each starts and fills a server
    for item in measured_of(items):
        item.add_marker(pytest.mark.measured)


def kind_of(item: pytest.Item) -> str:
    """The folder of `tests` that it is in."""
    return _folder_of(item.path)


@cache
def _folder_of(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def measured_of(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Those of which `make test` counts the lines that they reach."""
    tables: dict[str, list[pytest.Item]] = {}
    for item in items:
        if is_measured(item):
            tables.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for rows in tables.values():
        whole = kind_of(rows[0]) in MEASURED_WHOLE
        yield from rows if whole else rows[:: ceil(len(rows) / ROWS_OF_A_SAMPLE)]


def is_measured(item: pytest.Item) -> bool:
    """Whether it may reach lines that no other kind of test reaches."""
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    adds_nothing = any(item.get_closest_marker(it) for it in REACHES_NOTHING_NEW)
    return kind_of(item) in MEASURED_WHOLE | MEASURED_BY_SAMPLE and not is_property and not adds_nothing


def pytest_collection_finish() -> None:
    """Keeps what was imported and collected: looking through it for garbage costs a test in 25."""
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not tested and why, one line per reason rather than one per test."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped")
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} x {reason}", yellow=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Restores the logs after each test: a command sets up those of its process, which all tests share."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    done = yield
    root.handlers[:] = handlers
    if root.level != level:
        root.setLevel(level)
    return done


def pytest_configure() -> None:
    gc.disable()  # until all is collected: nothing of that is garbage
    if FEW:  # also for a property that names no number
        settings.register_profile("few", settings(), max_examples=examples(100))
        settings.load_profile("few")
    stay_inside(socket.socket)


def stay_inside(sockets: type[socket.socket]) -> None:
    """A test that reaches past the loopback fails, rather than being slow, flaky or indiscreet.

    No audit hook does this: one in Python runs whenever a thread begins to be measured, and where two threads
    begin at once CPython 3.11 refuses one of them its trace function.
    """
    for name in ("connect", "connect_ex"):
        setattr(sockets, name, _on_this_machine(getattr(sockets, name)))


def _on_this_machine(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: object) -> object:
        if isinstance(address, tuple) and not is_loopback(address[0]):
            raise RuntimeError("a test tried to reach a host that is not this machine")
        return connect(self, address)

    return guarded


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
