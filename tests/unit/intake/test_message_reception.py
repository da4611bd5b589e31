import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.hl7v2 import AckMeaning, read_ack
from tests.unit.hl7v2.messages import OBR, PID, msh, obx, oru, sender, wire
from workers.intake.inbox import ArrivalInbox
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.intake.message_reception import MessageReception

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SOUND = oru(obx("TLS^T^L", "-2,8"))


@pytest.fixture
def reception(tmp_path: Path) -> MessageReception:
    (tmp_path / "key").write_bytes(new_key())
    return MessageReception(
        ArrivalInbox(tmp_path / "inbox.sqlite", cipher_of(tmp_path / "key")), [sender()], lambda: NOW
    )


def test_what_was_accepted_is_on_disk_and_what_was_refused_is_not(
    reception: MessageReception, tmp_path: Path
) -> None:
    refused = wire(msh(control_id="M2"), "PID|1||||Jansen^Anna", OBR)

    answers = [read_ack(it) for it in reception.take_frames([SOUND, b"noise", refused, SOUND]) if it]

    assert [(it.control_id, it.reason) for it in answers] == [
        ("M1", "AA"),
        ("", "AR-100"),
        ("M2", "AR-101"),
        ("M1", "AA"),
    ]
    with sqlite3.connect(tmp_path / "inbox.sqlite") as other:
        assert other.execute("SELECT sender, control_id FROM item").fetchall() == [("dxa-zkh", "M1")]


def test_what_cannot_be_kept_is_asked_for_again(reception: MessageReception, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "inbox.sqlite")) as other:
        other.execute("DROP TABLE item")

    (answer,) = reception.take_frames([SOUND])

    assert answer
    assert read_ack(answer).meaning is AckMeaning.NOT_NOW
    assert read_ack(answer).reason == "AE-207"


def test_a_message_without_an_answer_is_kept_all_the_same(reception: MessageReception) -> None:
    quiet = SOUND.replace(b"|P|2.5.1||||||", b"|P|2.5.1|||NE|||")

    assert reception.take_frames([quiet]) == [None]
    assert reception.inbox.count_states()["waiting"] == 1


def test_the_log_holds_nothing_of_a_patient(
    reception: MessageReception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reception.take_frames(
        [
            wire(msh(), "PID|1||4711^^^X||Jansen^Anna", OBR),
            wire(msh(), PID, OBR, "OBX|1|NM|TLS^T\\Q\\\\Xzz\\||Jansen||||||F"),
            SOUND,
        ]
    )

    assert "101" in caplog.text
    assert not any(it in caplog.text for it in ("Jansen", "4711", "12345", "Anna"))
