"""Which versions of which resources a pass came across: what is found again in the same version is no work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retried
from workers.ledger.tables import seen


@dataclass(frozen=True, slots=True)
class Found:
    """A source resource that a pass came across, and the patient it belongs to."""

    patient: str
    source: str
    version: str = ""
    updated: datetime | None = None


def own_plans(patient: str, written: Mapping[str, str], now: datetime) -> Iterator[Found]:
    """The plans in the versions that we wrote: where a sweep comes across another one, somebody else changed it."""
    for source, version in written.items():
        if source.startswith("CarePlan/"):
            yield Found(patient, source, version, now)


def unseen(connection: Connection, scope: str, found: Sequence[Found]) -> list[Found]:
    """Those of a version that was not seen yet, or that tell no version."""
    keys = [(item.source, item.version) for item in found if item.version]
    known = select(seen.c.source, seen.c.version).where(
        seen.c.scope == scope, tuple_(seen.c.source, seen.c.version).in_(keys)
    )
    old = {(source, version) for source, version in connection.execute(known)} if keys else set()
    return [item for item in found if (item.source, item.version) not in old]


def remember(ledger: Ledger, connection: Connection, found: Sequence[Found]) -> None:
    """In the order of their keys, so that two who remember the same do not wait for each other."""
    marks = sorted((it for it in found if it.version and it.updated), key=lambda it: (it.source, it.version))
    rows = ({"source": it.source, "version": it.version, "updated": it.updated} for it in marks)
    ledger.insert(connection, seen, rows)


@retried
def forget(ledger: Ledger, before: datetime) -> None:
    """Drop what no later pass can come across again."""
    with ledger.transaction() as connection:
        connection.execute(delete(seen).where(seen.c.scope == ledger.scope, seen.c.updated < before))
