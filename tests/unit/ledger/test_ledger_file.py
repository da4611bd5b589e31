"""The file of the ledger: whose and where it is, and what is said if it is gone, full, locked or denied."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import event, text

from adapter.errors import ConfigurationFault, TryAgainLater
from tests.command_line import variables
from workers.host.state_folder import state_folder
from workers.ledger import Ledger, open_ledger, reviews
from workers.ledger.database import ledger_address
from workers.ledger.ledger_file import LedgerReplaced
from workers.settings.settings_loader import load_settings

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{file}", "scope")
    yield opened
    opened.close()


def test_nobody_else_may_read_it(ledger: Ledger, file: Path) -> None:
    reviews.request_reviews(ledger, ["a"], NOON)

    assert {path.name: path.stat().st_mode & 0o077 for path in file.parent.iterdir()} == {
        "ledger.sqlite": 0,
        "ledger.sqlite-wal": 0,
        "ledger.sqlite-shm": 0,
    }


@pytest.mark.parametrize("replacement", ["none", "an empty file", "another ledger"])
def test_a_ledger_that_was_deleted_under_us_is_missed_at_once_and_made_anew(
    ledger: Ledger, file: Path, replacement: str
) -> None:
    reviews.request_reviews(ledger, ["a"], NOON)
    for path in file.parent.iterdir():
        path.unlink()
    if replacement == "an empty file":
        file.touch()
    if replacement == "another ledger":
        open_ledger(f"sqlite:///{file}", "scope").close()

    with pytest.raises(LedgerReplaced, match="looks at everybody once more"):
        reviews.request_reviews(ledger, ["b"], NOON)

    assert reviews.count_unsettled(ledger) == 0
    reviews.request_reviews(ledger, ["c"], NOON)
    assert reviews.count_unsettled(ledger) == 1


def test_a_full_disk_is_said_in_words(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))  # as full as it is now

    with pytest.raises(TryAgainLater, match="disk of the ledger is full"):
        reviews.request_reviews(ledger, [f"patient-{number}" for number in range(2000)], NOON)


def test_a_locked_ledger_is_said_in_words(ledger: Ledger, file: Path) -> None:
    with ledger.transaction() as connection:
        connection.execute(text("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(file)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(TryAgainLater, match="ledger is locked"):
        reviews.request_reviews(ledger, ["a"], NOON)
    other.close()


def test_a_ledger_that_may_not_be_written_is_said_in_words(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        connection.execute(text("PRAGMA query_only = 1"))

    with pytest.raises(ConfigurationFault, match="read-only"):
        reviews.request_reviews(ledger, ["a"], NOON)


def test_no_folder_and_a_folder_and_another_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are no tables" * 100)
    said = {}
    for place in ("missing/ledger.sqlite", ".", "notes.txt"):
        with pytest.raises(ConfigurationFault) as caught:
            open_ledger(f"sqlite:///{tmp_path}/{place}", "scope")
        said[place] = str(caught.value)

    assert "has no folder" in said["missing/ledger.sqlite"]
    assert "is a folder" in said["."]
    assert "no SQLite file" in said["notes.txt"]


def test_who_names_no_place_has_the_ledger_where_the_platform_keeps_such_things(
    tmp_path: Path,
) -> None:
    with variables(XDG_STATE_HOME=str(tmp_path), HOME=str(tmp_path)):
        settings = load_settings({"OSTEO_HANDOVER_FHIR_BASE_URL": "http://127.0.0.1/fhir"})
        url, file = settings.ledger_url.get_secret_value(), state_folder() / "ledger.sqlite"
        open_ledger(url, "scope").close()

    assert ledger_address(url) == str(file)
    assert file.is_relative_to(tmp_path)
    assert file.exists()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:////var/lib/x.sqlite", "/var/lib/x.sqlite"),
        ("sqlite://", "in memory"),
        ("postgresql+psycopg://ledger:hunter2@db/ledger", "postgresql ledger on db"),
        ("nonsense", "not an address"),
    ],
)
def test_the_place_is_told_without_a_password(url: str, place: str) -> None:
    assert ledger_address(url) == place


def test_threads_of_a_process_wait_for_each_other_and_not_by_the_clock_of_sqlite(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", "scope")
    event.listen(ledger.engine, "checkout", lambda it, *_: it.execute("PRAGMA busy_timeout=0").close())
    ended = Event()

    def second() -> int:
        try:
            return reviews.count_unsettled(ledger)  # SQLite would refuse it at once: it may not wait
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as pool:
        with ledger.transaction():
            other = pool.submit(second)
            ended.wait(0.2)  # whoever comes later passes all the same
        assert other.result() == 0
    ledger.close()
