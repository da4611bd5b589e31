"""The list of what waits for a clinician shows what they need to choose the next one, most urgent first."""

import json
from collections.abc import Callable

import pytest

from tests.command_line import CommandLine, Ended
from tests.made_resources import a_hip_fracture
from tests.patient_care import Care, admit
from tests.server_patients import admitted
from workers.release.waiting_releases import waiting_releases


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    return admit(fhir_server, unique_id)


def test_it_says_class_deciding_value_urgency_and_age_and_no_name(care: Care) -> None:
    (row,) = waiting_releases(care.runtime, care.patient)

    assert (row.category, row.deciding) == ("osteoporosis", "lumbar_spine -2.7 (2025-05-12)")
    assert (row.asks, row.urgency, row.days, row.name) == ("release_letter", "routine", 0, None)


def without_gp(care: Care) -> None:
    person = {
        "resourceType": "Patient", "id": care.patient, "gender": "female", "birthDate": "1957-03-04"
    }  # fmt: skip
    admitted(care.base, [person])
    care.review()


def run(care: Care, *words: str) -> Ended:
    """`release` typed for this patient."""
    given = {
        "fhir_base_url": care.base,
        "site": care.patient,
        "pathway": "antonius",
        "ledger_url": "sqlite://",
    }
    return CommandLine(given)("release", care.patient, *words)


def test_a_release_without_a_recipient_says_that_no_letter_goes(care: Care) -> None:
    without_gp(care)

    asked = run(care)
    nobody = run(care, "--by", "Practitioner/nobody")
    done = run(care, "--by", f"Practitioner/{care.clinician}")

    assert asked.code == 1
    assert "no_general_practitioner: No GP is known for this patient" in asked.out
    assert nobody.code == 2
    assert "leads to nobody who may release: it takes a Practitioner" in nobody.err
    assert done.code == 0
    assert "No letter was let go" in done.out


def test_a_release_with_a_recipient_says_nothing_of_the_kind(care: Care) -> None:
    ended = run(care, "--by", f"Practitioner/{care.clinician}")

    assert ended.code == 0
    assert "No letter" not in ended.out


def test_what_is_to_be_clarified_is_named(care: Care) -> None:
    without_gp(care)

    (row,) = waiting_releases(care.runtime, care.patient)

    assert (row.asks, row.clarify) == ("clarify_before_release", ("no_general_practitioner",))
    assert [it.partition(": ")[0] for it in row.words] == [row.asks, *row.clarify]
    assert (
        row.words[1]
        == "no_general_practitioner: No GP is known for this patient: choose to whom the letter goes"
    )


def test_a_name_comes_on_demand_and_a_safety_matter_is_urgent(care: Care) -> None:
    named = {
        "resourceType": "Patient",
        "id": care.patient,
        "name": [{"text": "A. Zonneveld"}],
        "gender": "female",
    }
    gp = {"generalPractitioner": [{"reference": f"Practitioner/{care.gp}"}], "birthDate": "1957-03-04"}
    admitted(care.base, [named | gp, a_hip_fracture(care.patient)])
    care.review()

    (row,) = waiting_releases(care.runtime, care.patient, names=True)

    assert (row.name, row.urgency) == ("A. Zonneveld", "asap")


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ([], 1),
        (["--class", "osteoporosis"], 1),
        (["--class", "normal"], 0),
        (["--urgency", "asap"], 0),
        (["--asks", "release_letter"], 1),
        (["--asks", "no_general_practitioner"], 0),
        (["--older-than", "30"], 0),
    ],
)
def test_the_list_can_be_filtered(care: Care, options: list[str], rows: int) -> None:
    ended = run(care, *options, "--json")

    assert len(json.loads(ended.out)["waiting"]) == rows
