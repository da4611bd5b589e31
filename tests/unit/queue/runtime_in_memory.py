"""Everything that a process works with, beside a server in this process and a ledger in memory."""

from dataclasses import replace
from functools import cache
from typing import Any

from tests.made_resources import a_gp
from tests.server_patients import a_runtime
from tests.servers.without_http import BASE, LocalServer, SetClock, StraightClient
from workers.ledger import open_ledger
from workers.queue.runtime import Runtime

DOCTOR = a_gp("doctor") | {"qualification": [{"code": {"text": "internist"}}]}


@cache
def _furnished(given: tuple[tuple[str, Any], ...]) -> Runtime:
    """What runtimes of the same settings have in common and none of them changes."""
    return a_runtime(BASE, pathway="antonius", write_mode="put", **dict(given))


def runtime_in_memory(server: LocalServer, clock: SetClock, **given: Any) -> Runtime:
    """A runtime of these settings with a ledger of its own."""
    furnished = _furnished(tuple(sorted(given.items())))
    ledger = open_ledger("sqlite://", furnished.ledger.scope)
    return replace(furnished, client=StraightClient(server), ledger=ledger, clock=clock)


def release(server: LocalServer) -> None:
    """The doctor completes every open question."""
    for task in (it for it in server.all("Task") if it["status"] == "requested"):
        server.load(task | {"status": "completed", "owner": {"reference": "Practitioner/doctor"}})
