"""An institution with a pathway from YAML alone gets whole plans: its codes written, its words read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.pathways.inspection import inspect
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, reviewed, versions_of, written_for
from workers.queue.runtime import Runtime
from workers.review.review_outcome import OutcomeCode

MODES = ("put", "conditional")
OWN = f"{BASE}/CodeSystem/st_elsewhere-own"
PATHWAY = """\
id: st_elsewhere
version: 2026.1.0
title: St. Elsewhere
extends: antonius
sources:
  - {id: protocol_2026, title: Local protocol, published: "2026-11"}
parameters:
  coffee_max: {value: 2, cite: [{source: protocol_2026, lines: "2"}]}
rules:
  - id: OWN-1
    mode: propose
    says: With osteoporosis the fall clinic is asked
    cite: [{source: protocol_2026, lines: "4"}]
    when: bmd_class == "osteoporosis"
    then:
      activity: fall_clinic_referral
  - id: OWN-2
    mode: guard
    says: Somebody of this town is asked whether she bakes
    cite: [{source: protocol_2026, lines: "9"}]
    when: bmd_class == "osteoporosis"
    then:
      flag: bakes_at_night
off:
  ANT-22: our physiotherapist gives this advice
texts:
  nl: {activity.fall_clinic_referral: Verwijzing naar de valpoli}
  en: {activity.fall_clinic_referral: Referral to the fall clinic}
"""


@pytest.fixture
def pathway(tmp_path: Path) -> Path:
    file = tmp_path / "st_elsewhere.yaml"
    file.write_text(PATHWAY, encoding="utf-8")
    return file


@pytest.fixture(params=MODES)
def ward(
    fhir_server: str, unique_id: Callable[[str], str], pathway: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Runtime, str, str]]:
    """A hospital with that pathway and Dutch letters, a patient with osteoporosis in it, and its server."""
    key, gp = unique_id("patient"), unique_id("gp")
    admitted(fhir_server, [a_gp(gp), a_patient(key, gp), a_t_score(key)])
    settings = {"site": key, "pathway": pathway, "language": "nl", "write_mode": request.param}
    with a_runtime(fhir_server, **settings) as runtime:
        yield runtime, key, fhir_server


def test_the_plan_has_its_code_and_its_words_and_a_second_review_writes_nothing(
    ward: tuple[Runtime, str, str],
) -> None:
    runtime, patient, server = ward
    (first,) = reviewed(runtime, patient)
    written = written_for(server, patient)
    (second,) = reviewed(runtime, patient)
    (plan,) = written["CarePlan"]

    assert (first.code, second.code) == (OutcomeCode.PLANNED, OutcomeCode.UNCHANGED)
    assert versions_of(written_for(server, patient)) == versions_of(written)
    assert plan["instantiatesCanonical"] == [f"{BASE}/PlanDefinition/st_elsewhere|2026.1.0"]
    assert by_code(plan, OWN)["fall_clinic_referral"]["code"] == {
        "coding": [{"system": OWN, "code": "fall_clinic_referral", "display": "Referral to the fall clinic"}],
        "text": "Verwijzing naar de valpoli",
    }
    assert "Verwijzing naar de valpoli" in plan["text"]["div"]
    assert any(it["text"].startswith("bakes at night - bakes_at_night") for it in plan["note"])


def test_its_number_counts_and_the_rule_that_is_off_is_silent(
    ward: tuple[Runtime, str, str], unique_id: Callable[[str], str]
) -> None:
    runtime, patient, server = ward
    other = unique_id("patient")
    admitted(server, [a_patient(other, gp=None), a_t_score(other)])
    reviewed(runtime, patient)
    with a_runtime(server, site=other, pathway="antonius") as as_shipped:
        reviewed(as_shipped, other)
    (own,), (shipped,) = (written_for(server, it)["CarePlan"] for it in (patient, other))

    assert (most_coffee(shipped), most_coffee(own)) == (3, 2)
    assert "ANT-22" in rules_in(shipped)
    assert "ANT-22" not in rules_in(own)


def test_the_letter_says_it_in_the_words_of_the_institution(ward: tuple[Runtime, str, str]) -> None:
    runtime, patient, server = ward
    reviewed(runtime, patient)
    (letter,) = written_for(server, patient)["Communication"]
    text = letter["payload"][0]["contentString"].lower()

    assert "verwijzing naar de valpoli" in text
    assert "bakes at night" in text


def test_the_check_only_misses_the_texts_that_nobody_gave(pathway: Path) -> None:
    findings = inspect(pathway)

    assert findings.faults == ()
    assert [it.partition(": ")[2] for it in findings.warnings] == [
        "no text activity.fall_clinic_referral in fr; give it under texts",
        "no text flag.bakes_at_night in nl, en, fr; give it under texts",
    ]


def most_coffee(plan: Json) -> int:
    """The goal for coffee."""
    (goal,) = (it for it in plan["contained"] if "coffee" in it["id"])
    return int(goal["target"][0]["detailQuantity"]["value"])


def rules_in(plan: Json) -> set[str]:
    """The rules behind the steps of the plan."""
    return {uri.rpartition("/")[2] for it in plan["activity"] for uri in it["detail"]["instantiatesUri"]}


def by_code(plan: Json, system: str) -> dict[str, Json]:
    """The details of the plan by their code in a system."""
    details = [it["detail"] for it in plan["activity"]]
    return {
        coding["code"]: it for it in details for coding in it["code"]["coding"] if coding["system"] == system
    }
