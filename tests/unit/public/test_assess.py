"""The public API: one patient from plain FHIR, with the guards of a review."""

import contextlib
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import osteo_handover
from adapter.input.wire_json import Json, JsonValue
from adapter.software_version import software_version
from mappings.outbound import check
from osteo_handover import Assessment, ConfigurationFault, RecordFault, SoftwareFault, assess, assess_many
from workers.authoring.cases import WorkedCase, read_table
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_server import CaseServer, run_case_server

ON = date(2026, 11, 20)
CASES = read_table(Path(__file__).parents[2] / "data" / "cases" / "foreign_cases.json", date.max).cases
ONE_OF_EACH_KIND = [*{case.kind: case for case in CASES if case.kind != "merged_record"}.values()]

GP = {"resourceType": "Practitioner", "id": "gp", "active": True, "name": [{"text": "Demo, General"}]}
WOMAN: Json = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "birthDate": "1955-03-01",
    "generalPractitioner": [{"reference": "Practitioner/gp"}],
}


def score(key: str = "spine", value: object = -3.1, **changes: JsonValue) -> Json:
    held: Json = {
        "resourceType": "Observation",
        "id": key,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "38267-1"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-10",
        "valueQuantity": {"value": value, "unit": "{T-score}"},
    }
    return held | changes


def test_a_decision_drafts_and_a_letter_come_from_plain_resources() -> None:
    found = assess([WOMAN, GP, score()], pathway="antonius", on=ON)

    assert found.outcome == "planned"
    assert found.decision
    assert found.decision.classification.category == "osteoporosis"
    assert {"CarePlan", "Communication", "Provenance"} <= {it["resourceType"] for it in found.resources}
    assert [check(it) for it in found.resources if check(it)] == []
    assert found.letter
    assert "-3,1" in found.letter


def test_nothing_that_was_handed_over_is_changed() -> None:
    held = [WOMAN, GP, score()]
    before = deepcopy(held)

    assess(held, on=ON)

    assert held == before


@pytest.fixture(scope="module")
def server() -> Iterator[CaseServer]:
    with run_case_server(ONE_OF_EACH_KIND) as holding:
        yield holding


@pytest.mark.parametrize("case", ONE_OF_EACH_KIND, ids=lambda case: case.id)
def test_it_comes_to_what_a_review_of_the_same_record_comes_to(case: WorkedCase, server: CaseServer) -> None:
    review = CaseReview.of(case, server)
    of_this_release = replace(review.institution, version=software_version())  # the letter names it
    reviewed = replace(review, institution=of_this_release).proposal()

    found = assess(case.resources, case.pathway, on=case.as_of, base_url=server.base_url)

    assert found.decision == (reviewed.decision if reviewed.not_followed is None else None)
    assert found.letters == (reviewed.letters if reviewed.not_followed is None else ())
    assert sorted(it["resourceType"] for it in found.resources) == sorted(
        it.draft.resource["resourceType"] for it in reviewed.writes if reviewed.not_followed is None
    )


HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


@pytest.mark.parametrize(
    ("outcome", "guarded"),
    [
        ("deceased", {"deceasedBoolean": True}),
        ("deceased", {"deceasedDateTime": "2026-10-01"}),
        ("inactive", {"active": False}),
        ("merged", {"active": False, "link": [{"other": {"reference": "Patient/q"}, "type": "replaced-by"}]}),
        ("test_data", {"meta": {"security": [HTEST]}}),
        ("test_data", {"meta": {"tag": [HTEST]}}),
    ],
    ids=str,
)
@pytest.mark.hazard(id="H25")
def test_nobody_plans_for_a_patient_that_a_review_leaves_alone(outcome: str, guarded: Json) -> None:
    found = assess([WOMAN | guarded, GP, score()], on=ON)

    assert found.outcome == outcome
    assert (found.decision, found.resources, found.letter) == (None, (), None)


def test_another_patients_score_is_not_used_and_is_an_alarm() -> None:
    stray = score("stray", -0.2, subject={"reference": "Patient/q"}, effectiveDateTime="2026-11-15")

    found = assess([WOMAN, GP, score(), stray], on=ON)

    assert found.alarms == ("foreign_data",)
    assert found.decision
    assert [it.evidence for it in found.decision.classification.study] == ["Observation/spine"]


def test_a_bundle_may_stand_for_its_resources() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": it} for it in (WOMAN, GP, score())]}

    assert assess([bundle], on=ON) == assess([WOMAN, GP, score()], on=ON)


def test_the_language_and_the_numbers_of_the_pathway_can_be_chosen() -> None:
    english = assess([WOMAN, GP, score()], "etz", on=ON, language="en", parameters={"normal_from": -0.5})

    assert english.letter
    assert "lumbar spine" in english.letter.lower()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([score()], "0 Patients"),
        ([WOMAN, WOMAN | {"id": "q"}], "2 Patients"),
        ([WOMAN, "no resource"], "no JSON object"),
        ([{**WOMAN, "id": None}], "0 Patients, where one with an id"),
    ],
)
def test_a_record_that_is_none_is_refused_without_being_quoted(record: JsonValue, said: str) -> None:
    with pytest.raises(RecordFault, match=said):
        assess(record, on=ON)


@pytest.mark.parametrize(
    "chosen", [{"pathway": "mayo"}, {"language": "xx"}, {"parameters": {"moon": "full"}}], ids=str
)
def test_a_pathway_or_language_that_is_none_is_a_fault_of_the_settings(chosen: Json) -> None:
    with pytest.raises(ConfigurationFault):
        assess([WOMAN], on=ON, **chosen)


class Trap(Json):
    """An element over which our own code stumbles, with the patient in the text of the error."""

    def get(self, *_: object) -> object:
        raise ValueError("Jansen -3.1")


def test_a_mistake_of_ours_says_nothing_about_the_patient() -> None:
    with pytest.raises(SoftwareFault) as fault:
        assess([WOMAN, GP, score(valueQuantity=Trap(value=-3.1))], on=ON)

    assert str(fault.value) == "ValueError in our own code"
    assert fault.value.__cause__ is None


def test_many_records_come_in_order_and_one_bad_one_ends_nothing() -> None:
    asked: list[int] = []
    several: list[list[JsonValue]] = [[WOMAN, GP, score()], [score()], [WOMAN, score(value=-0.4)]]

    def records() -> Iterator[list[JsonValue]]:
        for number, record in enumerate(several):
            asked.append(number)
            yield record

    results = assess_many(records(), on=ON)
    first = next(results)

    assert asked == [0]  # one at a time: nobody's record is kept
    assert isinstance(first, Assessment)
    second, third = results
    assert isinstance(second, RecordFault)
    assert isinstance(third, Assessment)


def test_numbers_keep_their_digits() -> None:
    read = json.loads('{"value": -2.50, "unit": "{T-score}"}', parse_float=Decimal)

    for value, kept in ((-2.5, "-2.5"), (read["value"], "-2.50")):
        found = assess([WOMAN, GP, score(value=value)], on=ON)
        assert found.decision
        assert found.decision.classification.deciding
        assert str(found.decision.classification.deciding.value) == kept


def test_every_public_name_is_there() -> None:
    assert all(hasattr(osteo_handover, name) for name in osteo_handover.__all__)


def test_the_example_of_the_readme_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    lines = "\n".join(json.dumps(it) for it in (WOMAN, GP, score()))
    (tmp_path / "patient.ndjson").write_text(lines, encoding="utf-8")

    with contextlib.chdir(tmp_path):
        exec(example.replace('open("patient.ndjson")', "lines"), {"lines": lines.splitlines()})  # noqa: S102 - ours

    assert capsys.readouterr().out.startswith("planned\nosteoporosis\n")
