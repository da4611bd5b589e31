"""A laboratory with its own codes: mapped by a setting they count as LOINC does; unmapped they wait."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from tests.server_patients import a_runtime, admitted, reviewed, settings_for, written_for
from workers.assessment.record_assessment import Assessment, assess_resources
from workers.authoring.cases import read_table
from workers.queue.bootstrap import institution_of
from workers.review.review_outcome import OutcomeCode

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUSE = "http://lab.example.org/codes"
OWN = {"98979-8": "GFR1", "2000-8": "CA"}
MAPPED = json.dumps({f"{HOUSE}|GFR1": "egfr", f"{HOUSE}|CA": "calcium"})
FOREIGN = Path(__file__).parents[1] / "data" / "cases" / "foreign_cases.json"
# Osteoporosis with every check of this month, so that a drug is proposed firmly.
CHECKED = next(it for it in read_table(FOREIGN, date.max).cases if it.id == "FR-036")


def record(patient: str, *, house: bool) -> list[Json]:
    """The record of that patient, with the laboratory's codes as the laboratory writes them."""
    said = json.dumps(CHECKED.resources, default=float).replace(CHECKED.patient, patient)
    found: list[Json] = json.loads(said)
    return [_in_house_codes(it) if house else it for it in found]


def _in_house_codes(resource: Json) -> Json:
    coding = resource.get("code", {}).get("coding", [{}])[0]
    if coding.get("system") != LOINC or coding["code"] not in OWN:
        return resource
    category = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
        ]
    }
    return {
        **resource,
        "category": [category],
        "code": {"coding": [{"system": HOUSE, "code": OWN[coding["code"]]}]},
    }


def firm(found: Assessment) -> list[str]:
    assert found.decision
    return [it.code for it in found.decision.treatment.options if it.firm]


def assessment(
    patient: str, *, house: bool, base_url: str = "http://files.invalid", **settings: str
) -> Assessment:
    institution = institution_of(settings_for(base_url, **{"pathway": "antonius", **settings}))
    return assess_resources(record(patient, house=house), institution, NOON.date())


def test_an_assessment_reads_a_mapped_code_as_one_of_loinc_and_no_other() -> None:
    listed = assessment("p", house=False)
    mapped = assessment("p", house=True, local_laboratory=MAPPED)
    unmapped = assessment("p", house=True)

    assert firm(mapped) == firm(listed) == ["bisphosphonate"]
    assert mapped.letter == listed.letter
    assert firm(unmapped) == []


@pytest.mark.parametrize(
    ("words", "held_back"),
    [
        ("T-score", True),  # of whatever was measured: it may be the spine, and say something else
        ("T-score LWK", True),
        ("T-score L1-L4", True),
        ("T-score L2", False),
        ("T-score Ward", False),
        ("T-score trochanter", False),
        ("T-score radius 33%", False),
        ("T-score total body", False),
        ("T-score heup totaal", False),
    ],
)
def test_a_t_score_under_a_code_of_the_house_holds_a_drug_back_where_it_may_be_one_that_was_read(
    words: str, held_back: bool
) -> None:
    (spine,) = (it for it in CHECKED.resources if it["id"] == "fr-036-spine")
    beside = {
        **spine,
        "id": "beside",
        "code": {"coding": [{"system": HOUSE, "code": "X1", "display": words}]},
    }

    found = assess_resources(
        [*CHECKED.resources, beside],
        institution_of(settings_for("http://files.invalid", pathway="antonius")),
        NOON.date(),
    )

    assert firm(found) == ([] if held_back else ["bisphosphonate"])


def test_a_review_finds_mapped_results_and_writes_what_an_assessment_says(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    patient = unique_id("patient")
    settings = {"pathway": "antonius", "local_laboratory": MAPPED, "site": patient}
    admitted(fhir_server, record(patient, house=True))

    with a_runtime(fhir_server, lambda: NOON, **settings) as runtime:
        (outcome,) = reviewed(runtime, patient)
    written = written_for(fhir_server, patient)
    drafted = assessment(patient, house=True, base_url=fhir_server, **settings).resources

    (plan,) = (it for it in drafted if it["resourceType"] == "CarePlan")
    assert outcome.code is OutcomeCode.PLANNED
    assert [it["id"] for it in written["CarePlan"]] == [plan["id"]]
    assert [it["activity"] for it in written["CarePlan"]] == [plan["activity"]]


def test_a_value_that_no_rule_reads_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigurationFault, match="'sodium' is not a laboratory value; there are egfr"):
        institution_of(settings_for("http://files.invalid", local_laboratory="http://lab|NA=sodium"))
