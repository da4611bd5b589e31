"""The list of what waits for a clinician shows what they need to choose the next one, the most urgent first."""

import json
from collections.abc import Callable

import pytest

from tests.closing import Care, admit
from tests.wards import a_hip_fracture, admitted
from workers.cli import main
from workers.release_answers import listed
from workers.settings import variable


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    return admit(fhir_server, unique_id)


def test_it_says_class_deciding_value_urgency_and_age_and_no_name(care: Care) -> None:
    (row,) = listed(care.runtime, care.patient)

    assert (row.category, row.deciding) == ("osteoporosis", "lumbar_spine -2.7 (2025-05-12)")
    assert (row.asks, row.urgency, row.days, row.name) == ("release_letter", "routine", 0, None)


def test_what_is_to_be_clarified_is_named(care: Care) -> None:
    with_nobody = {
        "resourceType": "Patient",
        "id": care.patient,
        "gender": "female",
        "birthDate": "1957-03-04",
    }
    admitted(care.base, [with_nobody])
    care.review()

    (row,) = listed(care.runtime, care.patient)

    assert (row.asks, row.clarify) == ("clarify_before_release", ("no_general_practitioner",))


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

    (row,) = listed(care.runtime, care.patient, names=True)

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
def test_the_list_can_be_filtered(
    care: Care,
    options: list[str],
    rows: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {
        "fhir_base_url": care.base,
        "site": care.patient,
        "pathway": "antonius",
        "ledger_url": "sqlite://",
    }
    for name, value in given.items():
        monkeypatch.setenv(variable(name), value)
    monkeypatch.setattr("sys.argv", ["osteo-handover", "release", care.patient, *options, "--json"])

    with pytest.raises(SystemExit):
        main()

    assert len(json.loads(capsys.readouterr().out)["waiting"]) == rows
