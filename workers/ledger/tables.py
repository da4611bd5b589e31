"""The tables.

A `scope` is one site, server and pathway; a `ruleset` is the fingerprint of what decides there.

`next_attempt_at` is also a lease: whoever takes a row moves it into the future, renews it while at
work, and a row that nobody settled by then is due again. A column that a later release adds may be
empty: old ledgers get it when opened.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

VERSION = 1
Rows = ColumnElement[bool]  # which rows are meant: the condition that only they meet
# A lease or a wait that ends so much later than one that begins now would was set by a clock that was wrong.
CLOCKS_APART = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=4)


class ReviewState(StrEnum):
    """Where one patient's review stands; the first three are still work."""

    QUEUED = "queued"  # to be looked at
    RUNNING = "running"  # being looked at, or the worker died: due again at next_attempt_at
    WAITING = "waiting"  # failed in a way that may pass; due again at next_attempt_at
    DONE = "done"
    QUARANTINED = "quarantined"  # a dead letter: a human decides, or a new version of an input wakes it


OPEN = (ReviewState.QUEUED, ReviewState.RUNNING, ReviewState.WAITING)


class PassState(StrEnum):
    """Where one pass over the server stands."""

    READING = "reading"
    READ = "read"  # every page was read; some of its patients are still work
    SETTLED = "settled"  # and none is any more: the watermark may move
    PARTIAL = "partial"  # read to the end, but something may not have come: it moves no watermark
    ABANDONED = "abandoned"  # not read to the end: it never counted


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; databases that forget the zone give it back all the same."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        return value.replace(tzinfo=UTC) if value else None


metadata = MetaData()

meta = Table(
    "ledger",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

watermark = Table(
    "watermark",
    metadata,
    Column("scope", String, primary_key=True),
    Column("ruleset", String, nullable=False),
    Column("value", Instant, nullable=False),  # server time: everything before it is settled
)

# `pass` is a word of its own in Python, hence sweep_pass.
sweep_pass = Table(
    "sweep_pass",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String, nullable=False, index=True),
    Column("ruleset", String, nullable=False),
    Column("state", String, nullable=False),
    Column("full", Integer, nullable=False),  # 1: every patient; 0: only what changed
    Column("until", Instant),  # server time that it reads up to; known once it is read
    Column("lease_until", Instant, nullable=False),  # a reader that does not renew this is dead
    Column("started_at", Instant, nullable=False),
    Column("position", JSON),  # while it is read: workers.ledger.positions
    Column("server_time", Instant),  # at its first answer, for the skew of the two clocks
    Column("passed_over", JSON),  # types that the server does not have, of a pass over what changed
)

review = Table(
    "review",
    metadata,
    Column("scope", String, primary_key=True),
    Column("patient", String, primary_key=True),
    Column("state", String, nullable=False),
    # Rises with each new finding: news during a review is not lost.
    Column("wanted", Integer, nullable=False),
    Column("turn", Integer, nullable=False),  # rises with each begin: only the newest holder may settle
    # Counted before the work, so that a killer of workers is counted.
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
    Column("pass_id", Integer),
    Column("last_error_class", String),
    Column("last_reason", String),  # a code or sentence of ours, never the server's free text
    Column("basis", String),  # what a review rested on that left nothing to do; empty: to be decided anew
    Column("written", JSON, nullable=False),  # "CarePlan/id" -> version, as we last wrote it
    Column("updated_at", Instant, nullable=False),
    Index("review_due", "scope", "state", "next_attempt_at"),
    Index("review_of_pass", "scope", "pass_id"),
)

seen = Table(
    "seen",
    metadata,
    Column("scope", String, primary_key=True),
    Column("source", String, primary_key=True),  # Type/id
    Column("version", String, primary_key=True),
    Column("updated", Instant, nullable=False, index=True),
)

# Whom the last sweep looked at, where a list and not a search says whom.
listed = Table(
    "listed_patient",
    metadata,
    Column("scope", String, primary_key=True),
    Column("patient", String, primary_key=True),
)

# The list that an export of the server makes; `edition` is the moment of the
# export that named a patient last.
exported_patient = Table(
    "exported_patient",
    metadata,
    Column("scope", String, primary_key=True),
    Column("patient", String, primary_key=True),
    Column("edition", String, nullable=False),
)
patient_export = Table(
    "patient_export",
    metadata,
    Column("scope", String, primary_key=True),
    Column("ordered", String, nullable=False),  # of what it is a list
    Column("status_url", String, nullable=False),  # of an export that is under way; else empty
    Column("begun_at", Instant, nullable=False),
    Column("look_at", Instant, nullable=False),  # not before; also the lease of whoever looks
    Column("edition", String, nullable=False),
    Column("files", Integer, nullable=False),  # read of this edition
    Column("unreadable", Integer, nullable=False),  # lines in them
    Column("whole_at", Instant),  # how old the list counts as; empty: there is none yet
    Column("told", String, nullable=False),  # how it stands, in a sentence of ours
)

# Counts only: how many of a pass ended how. The class of one patient is never here.
tally = Table(
    "tally",
    metadata,
    Column("pass_id", Integer, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("count", Integer, nullable=False),
)
