from datetime import UTC, datetime

import pytest
from hl7apy.parser import parse_message

from mappings.hl7v2 import AckMeaning, read_ack
from mappings.hl7v2.input.own_ack import AckCode, acknowledgement, wanted
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.translation import header_of
from tests.unit.hl7v2.messages import msh, wire

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
REFUSED = MessageRefused(Problem.REQUIRED, "There is no patient identifier.", "PID^1^3")


def header(version: str = "2.5.1", accept: str = "") -> str:
    return f"{msh(version=version)[:-6]}|||{accept}" if accept else msh(version=version)


@pytest.mark.parametrize("version", ["2.3", "2.4", "2.5", "2.5.1"])
@pytest.mark.parametrize(
    ("answer", "refused", "meaning"),
    [
        (AckCode.ACCEPT, None, AckMeaning.RECEIVED),
        (AckCode.ERROR, MessageRefused(Problem.APPLICATION, "Not kept."), AckMeaning.NOT_NOW),
        (AckCode.REJECT, REFUSED, AckMeaning.REFUSED),
    ],
)
def test_our_answer_is_read_as_it_is_meant(
    version: str, answer: AckCode, refused: MessageRefused | None, meaning: AckMeaning
) -> None:
    asked = header_of(wire(header(version)))

    said = read_ack(acknowledgement(asked, answer, NOW, "A1", refused))

    assert (said.control_id, said.meaning) == ("M1", meaning)


def test_an_independent_reader_finds_the_reason() -> None:
    raw = acknowledgement(header_of(wire(header())), AckCode.REJECT, NOW, "A1", REFUSED)

    read = parse_message(raw.decode(), find_groups=False)

    assert read.msa.msa_1.value == "AR"
    assert (read.err.err_2.value, read.err.err_3.err_3_1.value) == ("PID^1^3", "101")
    assert read.msh.msh_5.value == "DXA"


def test_before_version_2_5_the_reason_stands_in_the_one_field_that_err_had() -> None:
    raw = acknowledgement(header_of(wire(header("2.3"))), AckCode.REJECT, NOW, "A1", REFUSED)

    assert b"ERR|PID^1^3^101&Required field missing&HL70357" in raw


@pytest.mark.parametrize(
    ("accept", "answer", "said"),
    [("AL", AckCode.ACCEPT, True), ("NE", AckCode.REJECT, False), ("ER", AckCode.ACCEPT, False), ("ER", AckCode.ERROR, True),
     ("SU", AckCode.ACCEPT, True), ("SU", AckCode.REJECT, False), ("", AckCode.ACCEPT, True)],
)  # fmt: skip
def test_a_sender_in_the_enhanced_mode_hears_what_it_asked_for(
    accept: str, answer: AckCode, said: bool
) -> None:
    asked = header_of(wire(f"MSH|^~\\&|DXA|ZKH|||2026||ORU^R01|M1|P|2.5|||{accept}"))

    assert wanted(asked, answer) is said
    assert (b"MSA|C" in acknowledgement(asked, answer, NOW, "A1")) is bool(accept)
