"""Nobody to plan for: no letter, no explanation with options, no release, whichever way one asks."""

import json
from collections.abc import Callable

import pytest

from adapter.errors import RecordFault
from adapter.input.wire_json import Json
from tests.command_line import CommandLine
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.patient_care import admit
from tests.server_patients import a_runtime, admitted
from workers.cli.explain import show_full
from workers.explanation.patient_explanation import explanation_of, read_proposal
from workers.release.release_answers import release
from workers.sandbox import Sandbox

SUCCESSOR = {"type": "replaced-by", "other": {"reference": "Patient/another"}}
OURS = {"system": "https://hospital.example/labels", "code": "rehearsal"}
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
NOBODY: dict[str, Json] = {
    "deceased": {"deceasedBoolean": True},
    "merged": {"link": [SUCCESSOR]},
    "inactive": {"active": False},
    "test_data": {"meta": {"security": [HTEST]}},
    "test_data by a label of the institution": {"meta": {"tag": [OURS]}},
}


@pytest.mark.parametrize("case", NOBODY)
@pytest.mark.hazard(id="H25")
def test_nothing_is_proposed_shown_or_released_for_it(
    fhir_server: str, unique_id: Callable[[str], str], case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = case.partition(" ")[0]
    care = admit(fhir_server, unique_id)
    if outcome == "merged":
        admitted(fhir_server, [a_patient("another", care.gp)])
    admitted(fhir_server, [a_patient(care.patient, care.gp, **NOBODY[case])])
    labels = f"{OURS['system']}|{OURS['code']}"

    with a_runtime(fhir_server, site=care.patient, pathway="antonius", test_labels=labels) as runtime:
        told = explanation_of(read_proposal(runtime, care.patient), runtime.institution.pathway)
        with pytest.raises(RecordFault, match=outcome):
            release(runtime, care.patient, f"Practitioner/{care.clinician}")
        (reviewed,) = runtime.review_now([care.patient])
    show_full(told)

    assert (told["outcome"], told["letters"], "treatment" in told) == (outcome, [], False)
    assert f"this record is {outcome}" in capsys.readouterr().out
    assert reviewed.code == outcome
    assert care.plan()["status"] == "revoked"
    assert care.letter()["status"] == "not-done"


# way in -> (its arguments, what it says, with the reason)
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "letter": (("letter", "PATIENT"), "No letter: this record is {}"),
    "letter for the patient": (("letter", "PATIENT", "--patient-copy"), "No letter: this record is {}"),
    "explain": (("explain", "PATIENT", "--letter"), "this record is {}"),
    "release": (("release", "PATIENT", "--by", "CLINICIAN"), "Nothing is released: this record is {}"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", NOBODY)
def test_every_command_says_why_and_shows_no_proposal(
    fhir_server: str, unique_id: Callable[[str], str], case: str, command: str
) -> None:
    outcome, (words, told) = case.partition(" ")[0], COMMANDS[command]
    care = admit(fhir_server, unique_id)
    if outcome == "merged":
        admitted(fhir_server, [a_patient("another", care.gp)])
    admitted(fhir_server, [a_patient(care.patient, care.gp, **NOBODY[case])])
    given = {"fhir_base_url": fhir_server, "site": care.patient, "pathway": "antonius", "language": "en"}
    given |= {"test_labels": f"{OURS['system']}|{OURS['code']}", "ledger_url": "sqlite://"}
    names = {"PATIENT": care.patient, "CLINICIAN": f"Practitioner/{care.clinician}"}

    ended = CommandLine(given)(*(names.get(it, it) for it in words))

    said = " ".join((ended.out + ended.err).split())
    assert told.format(outcome) in said
    assert "bisphosphonate" not in said
    assert "osteoporosis" not in said


@pytest.mark.parametrize("case", NOBODY)
def test_a_whole_run_writes_nothing_about_it(sandbox: Sandbox, case: str) -> None:
    admitted(sandbox.base_url, [a_gp(), a_patient("p", **NOBODY[case]), a_t_score("p")])
    sandbox.recorder.clear()
    given = {"fhir_base_url": sandbox.base_url, "pathway": "antonius", "ledger_url": "sqlite://"}
    given |= {"test_labels": f"{OURS['system']}|{OURS['code']}"}

    ended = CommandLine(given)("run", "--json")

    assert (json.loads(ended.out)["written"], sandbox.recorder.writes) == ({}, [])
