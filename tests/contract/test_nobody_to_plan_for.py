"""A record of nobody to plan for gets no letter, no explanation with options and no release, whichever way one asks."""

from collections.abc import Callable
from typing import Any

import pytest

from adapter.errors import RecordFault
from tests.closing import admit
from tests.wards import a_patient, a_workplace, admitted
from workers.cli.explain import show
from workers.explanation import explained, look
from workers.release_answers import release

SUCCESSOR = {"type": "replaced-by", "other": {"reference": "Patient/another"}}
OURS = {"system": "https://hospital.example/labels", "code": "rehearsal"}
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
NOBODY: dict[str, dict[str, Any]] = {
    "deceased": {"deceasedBoolean": True},
    "merged": {"link": [SUCCESSOR]},
    "inactive": {"active": False},
    "test_data": {"meta": {"security": [HTEST]}},
    "test_data by a label of the institution": {"meta": {"tag": [OURS]}},
}


@pytest.mark.parametrize("case", NOBODY)
def test_nothing_is_proposed_shown_or_released_for_it(
    fhir_server: str, unique_id: Callable[[str], str], case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = case.partition(" ")[0]
    care = admit(fhir_server, unique_id)
    if outcome == "merged":
        admitted(fhir_server, [a_patient("another", care.gp)])
    admitted(fhir_server, [a_patient(care.patient, care.gp, **NOBODY[case])])
    labels = f"{OURS['system']}|{OURS['code']}"

    with a_workplace(fhir_server, site=care.patient, pathway="antonius", test_labels=labels) as place:
        told = explained(look(place, care.patient), place.institution.pathway)
        with pytest.raises(RecordFault, match=outcome):
            release(place, care.patient, f"Practitioner/{care.clinician}")
        (reviewed,) = place.review_now([care.patient])
    show(told)

    assert (told["outcome"], told["letters"], "treatment" in told) == (outcome, [], False)
    assert f"this record is {outcome}" in capsys.readouterr().out
    assert reviewed.verdict == outcome
    assert care.plan()["status"] == "revoked"
    assert care.letter()["status"] == "not-done"
