"""What becomes of an item that cannot be written: it blocks no other, and only its own faults count."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from adapter.errors import OsteoHandoverError, Outage
from workers.intake.inbox import Arrival, ArrivalInbox, ItemKind
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.intake.inbox_work import InboxWork
from workers.intake.patient_lookup import PatientUnknown, SearchResultNotWhole
from workers.intake.patient_writer import PatientWriter
from workers.intake.record_writer import RecordWriter
from workers.intake.result_writer import ResultWriter
from workers.ledger import Ledger
from workers.review.review_outcome import BUGS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AWAY, UNKNOWN, PARTIAL = Outage("away"), PatientUnknown("nobody"), SearchResultNotWhole("not all came")


@dataclass
class Faulty:
    """In the place of each writer: raises what is next, if anything."""

    faults: list[Exception | None]
    written: list[bytes] = field(default_factory=list)

    def write_record(self, content: bytes) -> list[str]:
        if fault := self.faults.pop(0):
            raise fault
        self.written.append(content)
        return []


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[ArrivalInbox]:
    key = tmp_path / "key"
    key.write_bytes(new_key())
    held = ArrivalInbox(tmp_path / "inbox.sqlite", cipher_of(key))
    yield held
    held.close()


def work_with(inbox: ArrivalInbox, writer: Faulty, retries: int = 2) -> InboxWork:
    delays = (timedelta(minutes=1),) * retries
    return InboxWork(
        inbox, (), cast("ResultWriter", writer), cast("PatientWriter", writer), cast("RecordWriter", writer),
        cast("Ledger", None), lambda: NOW, delays,
    )  # fmt: skip


def worked(work: InboxWork, times: int) -> None:
    for minutes in range(times):
        work.clock = lambda minutes=minutes: NOW + timedelta(minutes=2 * minutes)  # type: ignore[misc] # bound now
        work.work_inbox()


@pytest.mark.parametrize("bug", BUGS)
def test_a_mistake_of_ours_on_one_item_blocks_none_behind_it(
    inbox: ArrivalInbox, bug: type[Exception]
) -> None:
    inbox.keep_arrivals(
        [Arrival(ItemKind.FHIR, "file", name, name.encode()) for name in ("bad", "good")], NOW
    )
    writer = Faulty([bug("Jansen"), None])

    assert work_with(inbox, writer).work_inbox() == 2
    (trouble,) = inbox.items_in_trouble()
    assert (trouble.control_id, writer.written) == ("bad", [b"good"])
    assert bug.__name__ in trouble.reason
    assert "Jansen" not in trouble.reason


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        ([UNKNOWN, UNKNOWN, UNKNOWN], "failed"),
        ([AWAY, AWAY, AWAY, UNKNOWN], "waiting"),
        ([AWAY] * 9, "waiting"),
        ([AWAY, UNKNOWN, AWAY, UNKNOWN, AWAY], "waiting"),
        ([AWAY, UNKNOWN, AWAY, UNKNOWN, AWAY, UNKNOWN], "failed"),
        ([PARTIAL, AWAY, PARTIAL], "waiting"),
        ([PARTIAL, AWAY, PARTIAL, PARTIAL], "failed"),
        ([PARTIAL, UNKNOWN, PARTIAL], "failed"),
    ],
)
def test_only_the_tries_that_the_server_answered_are_counted(
    inbox: ArrivalInbox, faults: list[OsteoHandoverError], state: str
) -> None:
    inbox.keep_arrivals([Arrival(ItemKind.FHIR, "file", "1", b"x")], NOW)

    worked(work_with(inbox, Faulty(list(faults))), len(faults))

    assert [it.state for it in inbox.items_in_trouble()] == [state]
