"""What a database says becomes a sentence for whoever must act, and never quotes a row."""

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from adapter.errors import ConfigurationFault, OsteoHandoverError, SoftwareFault, TryAgainLater
from workers.ledger import ledger_faults
from workers.ledger.ledger_faults import TRIES, LedgerBusy, UndoneTransaction, fault_of, retry_undone


def said_by(name: str, value: str) -> SQLAlchemyError:
    """What SQLAlchemy makes of a driver's error with this code."""
    cause = sqlite3.OperationalError("row: Mrs Secret")
    setattr(cause, name, value)
    return OperationalError("INSERT", {}, cause)


@pytest.mark.parametrize(
    ("name", "code", "kind", "words"),
    [
        ("sqlite_errorname", "SQLITE_FULL", TryAgainLater, "disk of the ledger is full"),
        ("sqlite_errorname", "SQLITE_BUSY", LedgerBusy, "locked"),
        ("sqlite_errorname", "SQLITE_BUSY_SNAPSHOT", LedgerBusy, "locked"),
        ("sqlite_errorname", "SQLITE_READONLY", ConfigurationFault, "read-only"),
        ("sqlite_errorname", "SQLITE_READONLY_DIRECTORY", ConfigurationFault, "read-only"),
        ("sqlite_errorname", "SQLITE_CANTOPEN", ConfigurationFault, "folder"),
        ("sqlite_errorname", "SQLITE_NOTADB", ConfigurationFault, "no SQLite file"),
        ("sqlstate", "53100", TryAgainLater, "disk of the ledger is full"),
        ("sqlstate", "53300", TryAgainLater, "does not answer"),
        ("sqlstate", "25006", ConfigurationFault, "read-only"),
        ("sqlstate", "28P01", ConfigurationFault, "refuses this user"),
        ("sqlstate", "3D000", ConfigurationFault, "refuses this user"),
        ("sqlstate", "55P03", LedgerBusy, "locked"),
        ("sqlstate", "57P01", TryAgainLater, "does not answer"),
        ("sqlstate", "40P01", UndoneTransaction, "undid"),
        ("sqlstate", "40001", UndoneTransaction, "undid"),
        ("sqlstate", None, TryAgainLater, "does not answer"),
    ],
)
def test_each_trouble_of_the_database_is_told_in_our_words(
    name: str, code: str, kind: type[OsteoHandoverError], words: str
) -> None:
    fault = fault_of(said_by(name, code))

    assert type(fault) is kind
    assert words in str(fault)
    assert "Secret" not in str(fault)


def test_what_is_our_own_mistake_is_called_one() -> None:
    assert type(fault_of(IntegrityError("INSERT", {}, sqlite3.IntegrityError("x")))) is SoftwareFault


def failing(times: int) -> tuple[list[int], Callable[[], str]]:
    calls: list[int] = []

    @retry_undone
    def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise UndoneTransaction(ledger_faults.UNDONE)
        return "done"

    return calls, work


def test_what_the_database_undid_is_done_again() -> None:
    calls, work = failing(2)

    assert (work(), len(calls)) == ("done", 3)


def test_what_the_database_always_undoes_is_given_up_after_some_tries() -> None:
    calls, work = failing(100)

    with pytest.raises(TryAgainLater):
        work()
    assert len(calls) == TRIES
