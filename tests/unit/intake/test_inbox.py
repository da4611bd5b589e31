import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault, TryAgainLater
from workers.intake.inbox import Arrival, ArrivalInbox, ItemKind
from workers.intake.inbox_cipher import cipher_of, new_key

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def arrival(content: bytes = b"Jansen", control_id: str = "1") -> Arrival:
    return Arrival(ItemKind.HL7, "dxa", control_id, content)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(new_key())
    return file


@pytest.fixture
def inbox(tmp_path: Path, key: Path) -> Iterator[ArrivalInbox]:
    held = ArrivalInbox(tmp_path / "box" / "inbox.sqlite", cipher_of(key))
    yield held
    held.close()


def test_what_came_is_given_out_in_its_order_and_once(inbox: ArrivalInbox) -> None:
    assert inbox.keep_arrivals([arrival(), arrival(b"other", "2"), arrival()], NOW) == [True, True, False]
    first, second = inbox.due_items(NOW, 9)
    inbox.mark_done(first, keep=False)

    assert (first.content, second.content) == (b"Jansen", b"other")
    assert [it.control_id for it in inbox.due_items(NOW, 9)] == ["2"]
    assert inbox.keep_arrivals([arrival()], NOW) == [False]


def test_the_same_number_with_another_content_is_another_message(inbox: ArrivalInbox) -> None:
    inbox.keep_arrivals([arrival()], NOW)

    assert inbox.keep_arrivals([arrival(b"corrected")], NOW) == [True]


@pytest.mark.parametrize(("keep", "there"), [(False, 0), (True, 1)])
def test_what_was_written_stays_only_on_request(
    inbox: ArrivalInbox, tmp_path: Path, keep: bool, there: int
) -> None:
    inbox.keep_arrivals([arrival()], NOW)
    (item,) = inbox.due_items(NOW, 9)
    inbox.mark_done(item, keep=keep)

    with closing(sqlite3.connect(tmp_path / "box" / "inbox.sqlite")) as other:
        assert other.execute("SELECT count(content) FROM item").fetchone() == (there,)


def test_a_copy_of_the_file_tells_nothing(inbox: ArrivalInbox, tmp_path: Path) -> None:
    inbox.keep_arrivals([arrival(b"MSH Jansen")], NOW)

    files = list((tmp_path / "box").iterdir())
    assert files
    assert not any(b"Jansen" in it.read_bytes() for it in files)
    assert stat.S_IMODE((tmp_path / "box" / "inbox.sqlite").stat().st_mode) == 0o600


def test_what_waits_waits_and_what_failed_can_be_tried_again(inbox: ArrivalInbox) -> None:
    inbox.keep_arrivals([arrival()], NOW)
    (item,) = inbox.due_items(NOW, 9)
    inbox.postpone_item(item, NOW + timedelta(minutes=1), "away", counts=True)
    assert inbox.due_items(NOW, 9) == []
    (again,) = inbox.due_items(NOW + timedelta(minutes=1), 9)
    inbox.mark_failed(again, "another patient")

    assert [(it.state, it.reason) for it in inbox.items_in_trouble()] == [("failed", "another patient")]
    assert (again.attempts, inbox.retry_items(NOW)) == (1, 1)
    assert len(inbox.due_items(NOW, 9)) == 1


def test_what_waits_for_its_next_try_says_when_and_need_not_wait(inbox: ArrivalInbox) -> None:
    inbox.keep_arrivals([arrival()], NOW)
    (item,) = inbox.due_items(NOW, 9)
    inbox.postpone_item(item, NOW + timedelta(hours=1), "nobody knows the patient", counts=True)

    assert [it.due for it in inbox.items_in_trouble()] == [(NOW + timedelta(hours=1)).isoformat()]
    assert (inbox.retry_items(NOW), inbox.retry_items(NOW)) == (1, 0)
    assert [it.attempts for it in inbox.due_items(NOW, 9)] == [0]


@pytest.mark.parametrize("by", [None, b""])
def test_nothing_is_kept_in_a_file_that_stands_there_no_more(
    inbox: ArrivalInbox, tmp_path: Path, by: bytes | None
) -> None:
    """Deleted, or replaced by another: else it would be acknowledged and stand nowhere."""
    file = tmp_path / "box" / "inbox.sqlite"
    file.rename(tmp_path / "away")
    if by is not None:
        file.write_bytes(by)

    with pytest.raises(TryAgainLater, match="deleted or replaced"):
        inbox.keep_arrivals([arrival()], NOW)

    (tmp_path / "away").rename(file)
    assert inbox.keep_arrivals([arrival()], NOW) == [True]


def test_a_former_key_still_opens_and_a_strange_one_is_told(
    inbox: ArrivalInbox, tmp_path: Path, key: Path
) -> None:
    inbox.keep_arrivals([arrival()], NOW)
    former, fresh = key.read_bytes(), new_key()

    key.write_bytes(fresh + former)
    (item,) = ArrivalInbox(tmp_path / "box" / "inbox.sqlite", cipher_of(key)).due_items(NOW, 9)
    assert item.content == b"Jansen"
    key.write_bytes(fresh)
    with pytest.raises(ConfigurationFault, match="another key"):
        ArrivalInbox(tmp_path / "box" / "inbox.sqlite", cipher_of(key)).due_items(NOW, 9)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 44])
def test_what_is_no_key_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no-key"
    file.write_bytes(content)

    with pytest.raises(ConfigurationFault, match="hl7 new-key"):
        cipher_of(file)
