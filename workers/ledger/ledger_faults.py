"""Turns database errors into faults that say who must act, and repeats what the database undid."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from adapter.errors import ConfigurationFault, OsteoHandoverError, SoftwareFault, TryAgainLater

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 6
PAUSE = 0.02  # seconds at most before the second try, doubled before each later one


class LedgerBusy(TryAgainLater):
    """Others hold the ledger; it is whole, and serves when they are done."""


class UndoneTransaction(LedgerBusy):
    """The database dropped a transaction for another, keeping nothing of it: it may be done again."""


UNDONE = "The ledger's database undid the same transaction again and again: too many write at once."
LOCKED = "The ledger is locked: another process holds it for long. Look for a second program, a backup or a stopped process on it."
FULL = "The disk of the ledger is full: nothing can be noted until there is space again."
READ_ONLY = "The ledger is read-only: give this user the right to write it and its folder, or name another in ledger_url."
UNREACHABLE = "The database of the ledger does not answer: is it running, and is ledger_url right?"
REFUSED = "The database of the ledger refuses this user or does not know the database: check ledger_url and the rights."
UNOPENABLE = "The ledger cannot be opened: its folder does not exist, or this user may not write there. See ledger_url."
DAMAGED = "The ledger is no SQLite file or is damaged: move it away, a new one costs one full sweep."
DISK = "The disk of the ledger fails to read or write."

# By what SQLite calls it (the part before a second underscore group counts, as SQLITE_IOERR_WRITE is an
# SQLITE_IOERR), and by the beginning of PostgreSQL's SQLSTATE; the first that fits.
KINDS: tuple[tuple[str, type[OsteoHandoverError], str], ...] = (
    ("40001", UndoneTransaction, UNDONE),
    ("40P01", UndoneTransaction, UNDONE),
    ("SQLITE_BUSY", LedgerBusy, LOCKED),
    ("SQLITE_LOCKED", LedgerBusy, LOCKED),
    ("55P03", LedgerBusy, LOCKED),
    ("SQLITE_FULL", TryAgainLater, FULL),
    ("53100", TryAgainLater, FULL),
    ("SQLITE_READONLY", ConfigurationFault, READ_ONLY),
    ("25006", ConfigurationFault, READ_ONLY),
    ("SQLITE_CANTOPEN", ConfigurationFault, UNOPENABLE),
    ("SQLITE_NOTADB", ConfigurationFault, DAMAGED),
    ("SQLITE_CORRUPT", ConfigurationFault, DAMAGED),
    ("SQLITE_IOERR", TryAgainLater, DISK),
    ("28", ConfigurationFault, REFUSED),
    ("3D000", ConfigurationFault, REFUSED),
    ("42501", ConfigurationFault, REFUSED),
    ("08", TryAgainLater, UNREACHABLE),
    ("53", TryAgainLater, UNREACHABLE),
    ("57P", TryAgainLater, UNREACHABLE),
)


def fault_of(error: SQLAlchemyError) -> OsteoHandoverError:
    """The same in our words; the database's own are not repeated, since they may quote a row."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")
    for beginning, kind, text in KINDS:
        if code.startswith(beginning):
            return kind(text)
    # PostgreSQL's driver has no code for what happens before it is connected.
    if isinstance(error, OperationalError):
        return TryAgainLater(UNREACHABLE)
    return SoftwareFault(f"The ledger was asked something that it cannot do ({type(error).__name__} {code}).")


def retry_undone(work: Callable[P, R]) -> Callable[P, R]:
    """For a function of one transaction: all of it again when the database undid it for another's sake."""

    @wraps(work)
    def until_done(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except UndoneTransaction:
                time.sleep(random.uniform(0, PAUSE * 2**number))  # noqa: S311 - only to get out of step
        return work(*args, **kwargs)

    return until_done
