from base64 import b64decode
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from adapter.input.wire_json import Json
from mappings.hl7v2 import Addressee, MdmDocument, Parties, control_id, document
from mappings.hl7v2.er7_reader import read_loosely, read_message

PDF = b"%PDF-1.7 \x00\xff letter"
PATIENT: Json = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "urn:oid:2.16.840.1.113883.2.4.6.3", "value": "123456782"},
        {
            "system": "https://hospital.example/pid",
            "value": "A|1",
            "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
        },
        {"system": "x", "value": "former", "use": "old"},
    ],
    "name": [{"text": "nick"}, {"use": "official", "family": "de Vries", "given": ["Anna", "Maria", "J."]}],
    "birthDate": "1951-03-04",
    "gender": "female",
}
LETTER = MdmDocument(
    message_id="0e9a5c3e-0000-5000-8000-000000000001",
    document_id="0e9a5c3e-0000-5000-8000-000000000002",
    issued=datetime(2026, 1, 5, 12, tzinfo=ZoneInfo("Europe/Amsterdam")),
    patient_id="17",
    patient=PATIENT,
    addressee=Addressee("Dr. <b>P&J</b>", "01001234", "urn:oid:2.16.528.1.1007.3.1"),
    pdf=PDF,
    text="Dear colleague",
)
PARTIES = Parties(facility="HOSPITAL", receiving_application="HIS", receiving_facility="GP|1")


def fields(sent: MdmDocument, name: str) -> list[str]:
    """As they are written, each number at its own index (but for MSH)."""
    lines = document(sent, PARTIES).decode().split("\r")
    return next(line for line in lines if line.startswith(name)).split("|")


def judged(sent: MdmDocument) -> Any:
    """hl7apy, which knows the structure and the data types of v2.5.1, reads it without an objection."""
    raw = document(sent, PARTIES).decode()
    read = parse_message(raw, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    read.validate()
    return read


@pytest.mark.parametrize(
    "sent",
    [
        LETTER,
        replace(LETTER, replaces="0e9a5c3e-0000-5000-8000-00000000000f"),
        replace(LETTER, pdf=None, text="line\n\nother"),
        replace(LETTER, patient={}),
        replace(LETTER, addressee=Addressee()),
    ],
    ids=["letter", "correction", "text only", "patient without anything", "recipient without anything"],
)
def test_an_independent_reader_finds_no_fault(sent: MdmDocument) -> None:
    assert judged(sent).msh.msh_10.value == control_id(LETTER.message_id)


def test_the_pdf_arrives_whole() -> None:
    obx = read_message(document(LETTER, PARTIES)).first("OBX")

    assert obx
    assert [obx.value(5, number) for number in (2, 3, 4)] == ["application", "pdf", "Base64"]
    assert b64decode(obx.value(5, 5)) == PDF


def test_the_patient_is_named_by_every_current_identifier() -> None:
    pid = fields(LETTER, "PID")

    assert pid[3] == (
        "123456782^^^&2.16.840.1.113883.2.4.6.3&ISO~A\\F\\1^^^&https://hospital.example/pid&URI^MR"
    )
    assert pid[5] == "de Vries^Anna^Maria J."
    assert pid[7:9] == ["19510304", "F"]


@pytest.mark.parametrize(
    ("patient", "number", "written"),
    [
        ({}, 3, "17^^^^PI"),
        ({}, 5, "^^^^^^U"),
        ({"name": [{"text": "Only Text"}]}, 5, "Only Text"),
        ({"name": "nonsense", "identifier": 7}, 5, "^^^^^^U"),
        ({"birthDate": "1951"}, 7, "1951"),
        ({"birthDate": "about 1951"}, 7, ""),
        ({"gender": "female", "name": [{"family": "A\rB|C", "given": ["<i>"]}]}, 5, "A B\\F\\C^<i>"),
    ],
)
def test_what_is_missing_or_hostile_in_a_patient_has_a_defined_place(
    patient: Json, number: int, written: str
) -> None:
    pid = [*fields(replace(LETTER, patient=patient), "PID"), "", ""]

    assert pid[number] == written


def test_a_name_of_300_characters_is_cut() -> None:
    pid = fields(replace(LETTER, patient={"name": [{"family": "x" * 300}]}), "PID")

    assert len(pid[5]) == 199


def test_a_correction_names_the_document_that_it_replaces() -> None:
    sent = replace(LETTER, replaces="earlier")

    assert read_loosely(document(sent, PARTIES)).header.value(9, 2) == "T10"
    assert fields(sent, "TXA")[13] == "earlier"
    assert fields(LETTER, "TXA")[12] == LETTER.document_id


def test_only_a_released_letter_calls_itself_authenticated() -> None:
    assert fields(LETTER, "TXA")[17] == "AU"
    assert fields(replace(LETTER, authenticated=False), "TXA")[17] == "DO"
    assert fields(replace(LETTER, authenticated=False), "OBX")[11] == "P"


def test_the_same_document_gives_the_same_bytes() -> None:
    assert document(LETTER, PARTIES) == document(replace(LETTER), PARTIES)


def test_the_control_id_fits_the_field_and_tells_messages_apart() -> None:
    ids = {control_id(f"message-{number}") for number in range(1000)}

    assert len(ids) == 1000
    assert {len(it) for it in ids} == {20}


def test_the_repr_shows_nobody() -> None:
    assert "Vries" not in repr(LETTER)
    assert "colleague" not in repr(LETTER)
