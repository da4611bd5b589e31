"""The envelope: from whom, to whom, and whether anybody has released it."""

from typing import Any

import pytest

from adapter.clinical.decision import (
    Handover,
)
from tests.unit.letter.letters_in_words import ENGLISH, keys_of, texts_of, written
from tests.unit.letter.patients import (
    WHY,
    people,
)


def test_until_released_it_says_that_it_is_a_proposal() -> None:
    assert written().status.text.startswith("Proposal, not confirmed")


def test_once_released_it_says_by_whom_and_when() -> None:
    by: dict[str, Any] = {"released_by": ("internist", "J. Jansen"), "released_on": "2026-11-13"}

    assert written(by=by).status.text.startswith("Released on 13 November 2026 by J. Jansen, internist.")


def test_a_role_that_is_not_on_record_is_not_told() -> None:
    by: dict[str, Any] = {"released_by": ("", "J. Jansen"), "released_on": "2026-11-13"}

    assert written(by=by).status.text == "Released on 13 November 2026 by J. Jansen."


def test_a_number_to_call_is_printed_once() -> None:
    handed = Handover(
        "referrer", "immediate", False, WHY, (("contact", "088 000 00 00"), ("contact", "013 221 03 80"))
    )

    assert texts_of(written(handover=handed), "contacts") == [
        "Fracture and osteoporosis clinic: 088 000 00 00",
        "Telephone: 013 221 03 80",
    ]


def test_without_names_every_gap_is_said() -> None:
    nobody: dict[str, Any] = dict.fromkeys(
        ("patient_name", "birth_date", "patient_identifier", "sex", "recipient", "organisation")
    )

    it = written(
        by=nobody | {"contacts": ()},
        of={"birth_date": None, "sex": None},
        handover=Handover("referrer", "clinician_release", False, WHY),
    )

    assert texts_of(it, "envelope")[:3] == [
        "From: not recorded",
        "To: referring clinician",
        "Patient: name not recorded, birth date not recorded",
    ]
    assert keys_of(it)[-1] == "account.sources"
    assert texts_of(it, "contacts") == [ENGLISH.say("line.no_contact")]


def test_a_letter_without_a_date_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        people(letter_date="today")


def test_a_number_without_a_label_gets_one() -> None:
    assert texts_of(written(by={"contacts": (("", "088 000 00 00"),)}), "contacts") == [
        "Telephone: 088 000 00 00"
    ]
