"""What the workers remember between two runs: how far they read, what is to be done, what went wrong.

It holds no patient data but the opaque id. The FHIR server stays the source of truth: losing this ledger
costs one full sweep, and never a duplicate. Every function may be called twice with the same effect as once,
unless its docstring says otherwise, because every caller may be killed between a call and its answer.

    tables, database    the rows; SQLite in one file, or PostgreSQL by address
    passes, positions   finding work: how far we have read, and who was found;
                        pass_counts: what became of them
    seen_versions       what a pass came across before, which is no work
    reviews, leases     doing work: taking patients, whose turn it is, and what became of each
    outbox, deliveries  letters on their way
    database, ledger_file, ledger_faults   the connection, the file, what goes wrong with either
    circuits            whether a server is asked at all just now
    due_dates           who has something due, and from which day
    shown_cards         which rules were shown to clinicians, and what they made of it
"""

from workers.ledger import (
    circuits,
    due_dates,
    leases,
    outbox,
    pass_counts,
    passes,
    reviews,
    seen_versions,
    shown_cards,
)
from workers.ledger.database import Ledger, open_ledger
from workers.ledger.leases import ReviewLease
from workers.ledger.pass_counts import PassProgress
from workers.ledger.passes import Pass
from workers.ledger.reviews import ReviewResult
from workers.ledger.seen_versions import SeenVersion
from workers.ledger.tables import PassState, ReviewState

__all__ = [
    "Ledger",
    "Pass",
    "PassProgress",
    "PassState",
    "ReviewLease",
    "ReviewResult",
    "ReviewState",
    "SeenVersion",
    "circuits",
    "due_dates",
    "leases",
    "open_ledger",
    "outbox",
    "pass_counts",
    "passes",
    "reviews",
    "seen_versions",
    "shown_cards",
]  # fmt: skip
