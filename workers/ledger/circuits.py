"""Whether a server is asked at all now, for all processes alike: a circuit breaker for each base address.

    closed      it is asked
    open        it failed several times in a row, or said how long to wait: nobody asks until then
    half open   that time has passed: one caller at a time asks, and what comes of it closes or opens it again

The wait is drawn at random (full jitter), so that many who were turned away do not
come back at the same moment.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from sqlalchemy import Column, Integer, String, Table, and_, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import Instant, metadata

IN_A_ROW = 3  # failures that open it
LONGEST_DRAWN = timedelta(seconds=12)  # so long at most nobody notices that the server is back
LONGEST_TOLD = timedelta(hours=1)  # a server may ask for more; it is asked again then
PROBE = timedelta(seconds=30)  # that a caller has for one question, before another may try

circuit = Table(
    "circuit",
    metadata,
    Column("server", String, primary_key=True),  # the base address
    Column("failures", Integer, nullable=False),  # in a row; 0 is closed
    Column("open_until", Instant),
    Column("reason", String),  # a sentence of ours, never the server's free text
)

Draw = Callable[[float, float], float]


class Passage(StrEnum):
    """Whether a caller may ask."""

    FREE = "free"
    PROBE = "probe"  # as the only one: with as little as will do
    WAIT = "wait"

    @property
    def may_ask(self) -> bool:
        """Whether this caller may."""
        match self:
            case Passage.FREE | Passage.PROBE:
                return True
            case Passage.WAIT:
                return False
            case unreachable:
                assert_never(unreachable)


@dataclass(frozen=True, slots=True)
class Circuit:
    """Where it stands, for people and for the next look."""

    failures: int = 0
    open_until: datetime | None = None
    reason: str | None = None

    def __str__(self) -> str:
        """In a sentence, for whoever waits."""
        until = f" until {self.open_until:%H:%M:%S} UTC" if self.open_until else ""
        return f"The server is left alone{until}: {self.reason or 'it failed'}"


def circuit_of(ledger: Ledger, server: str, now: datetime) -> Circuit:
    """How the server fares; an end further ahead than we ever set comes from a clock that was wrong."""
    query = select(circuit.c.failures, circuit.c.open_until, circuit.c.reason).where(
        circuit.c.server == server
    )
    with ledger.transaction() as connection:
        row = connection.execute(query).first()
    if row is None or row.failures == 0:
        return Circuit()
    until = row.open_until if row.open_until and row.open_until - now <= LONGEST_TOLD else now
    return Circuit(row.failures, until if row.failures >= IN_A_ROW else None, row.reason)


def claim_passage(ledger: Ledger, server: str, now: datetime) -> Passage:
    """Leave to ask. Not idempotent: of those who come when the time has passed, one gets the probe."""
    now_stands = circuit_of(ledger, server, now)
    if now_stands.open_until is None:
        return Passage.FREE
    if now_stands.open_until > now:
        return Passage.WAIT
    due = or_(circuit.c.open_until <= now, circuit.c.open_until > now + LONGEST_TOLD)
    due_row = and_(circuit.c.server == server, circuit.c.failures >= IN_A_ROW, due)
    with ledger.transaction() as connection:
        taken = connection.execute(update(circuit).where(due_row).values(open_until=now + PROBE)).rowcount
    return Passage.PROBE if taken else Passage.WAIT


@retry_undone
def record_failure(
    ledger: Ledger,
    server: str,
    now: datetime,
    reason: str,
    *,
    told: timedelta | None = None,
    draw: Draw = random.uniform,
) -> None:
    """It failed everybody; if it said how long to wait, one failure is enough to leave it alone till then."""
    with ledger.transaction() as connection:
        before = connection.scalar(select(circuit.c.failures).where(circuit.c.server == server)) or 0
        failures = max(before + 1, IN_A_ROW if told else 0)
        ceiling = min(LONGEST_DRAWN.total_seconds(), 2.0 ** min(failures, 10))
        wait = min(told, LONGEST_TOLD) if told else timedelta(seconds=draw(0.5, ceiling))
        values = {"failures": failures, "open_until": now + wait, "reason": reason}
        insert = ledger.upsert(circuit)
        connection.execute(
            insert.on_conflict_do_update(index_elements=["server"], set_=values),
            [{"server": server, **values}],
        )


@retry_undone
def record_success(ledger: Ledger, server: str) -> None:
    """It served somebody. Nothing is written where nothing was wrong."""
    failed_row = and_(circuit.c.server == server, circuit.c.failures > 0)
    with ledger.transaction() as connection:
        if connection.scalar(select(circuit.c.failures).where(failed_row)):
            connection.execute(
                update(circuit).where(failed_row).values(failures=0, open_until=None, reason=None)
            )
