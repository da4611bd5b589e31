"""Reads no further whose versions alone show that nothing changed; every change is still seen.

One woman has a resource of each kind that a review reads, found in each way: by her name, brought along by
another one, followed by its id, standing at a patient who was merged into her, or written by ourselves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapter.input.wire_json import Json, JsonValue
from mappings.handover.patient_record import PatientRecord
from mappings.handover.review_basis import UNTOLD, ReviewBasis, review_basis_of
from mappings.inbound import queries
from tests.made_resources import LOINC, a_gp, a_hip_fracture, a_patient, a_t_score
from tests.patient_care import NOON
from tests.server_patients import a_runtime, admitted, reviewed
from workers.ledger.tables import review as ledger_review
from workers.queue.runtime import Runtime
from workers.review.read import read
from workers.review.review import ReviewMemory, review
from workers.review.review_outcome import OutcomeCode
from workers.review.searches.version_search import unchanged
from workers.sandbox import FaultEffect, Sandbox

OBSERVED = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(frozen=True)
class Ward:
    """One woman on one server, and who reviews her."""

    base: str
    patient: str
    runtime: Runtime
    names: Callable[[str], str]

    def read(self) -> PatientRecord:
        (found,) = read([self.patient], self.runtime.client, self.runtime.institution, NOON.date())
        return found

    def unchanged_since(self, earlier: PatientRecord) -> bool:
        stored = {self.patient: earlier.versions()}
        return self.patient in unchanged(stored, self.runtime.client, self.runtime.institution, NOON.date())


@pytest.fixture
def ward(fhir_server: str, unique_id: Callable[[str], str]) -> Iterator[Ward]:
    names = {key: unique_id(key) for key in ("w", "gp", "former")}

    def named(key: str) -> str:
        return names.setdefault(key, unique_id(key))

    admitted(fhir_server, the_record(named))
    with a_runtime(fhir_server, lambda: NOON, pathway="antonius") as runtime:
        yield Ward(fhir_server, names["w"], runtime, named)


def the_record(named: Callable[[str], str]) -> Iterator[Json]:
    """In an order in which each reference leads to what is there."""
    patient = named("w")
    subject = {"subject": {"reference": f"Patient/{patient}"}}
    text = {"code": {"text": "of a house"}}

    def a(kind: str, key: str, *parts: Json, **more: JsonValue) -> Json:
        held: Json = {"resourceType": kind, "id": named(key)}
        return {name: it for part in (held, *parts, more) for name, it in part.items()}

    link = {"other": {"reference": f"Patient/{named('former')}"}, "type": "replaces"}
    yield a_gp(named("gp"))
    yield a_patient(named("former"), named("gp"), active=False)
    yield a_patient(patient, named("gp"), link=[link])
    yield a("Medication", "box", code={"coding": [{"system": "http://www.whocc.no/atc", "code": "M05BA04"}]})
    yield a("Observation", "member", subject, text, status="final")
    yield a("Observation", "result", subject, text, status="final")
    yield a_t_score(patient, id=named("score"), hasMember=[{"reference": f"Observation/{named('member')}"}])
    imaging = {"category": [{"coding": [{"system": OBSERVED, "code": "imaging"}]}]}
    yield a("Observation", "image", subject, text, imaging, status="final", effectiveDateTime="2026-10-01")
    yield a("Observation", "old", text, status="final", subject={"reference": f"Patient/{named('former')}"},
            category=imaging["category"], effectiveDateTime="2026-10-01")  # fmt: skip
    yield a("DiagnosticReport", "report", subject, status="final", code={"coding": [{"system": LOINC, "code": "38269-7"}]},
            result=[{"reference": f"Observation/{named('result')}"}])  # fmt: skip
    yield a("DocumentReference", "paper", subject, status="current", content=[{"attachment": {"title": "DXA"}}],
            type={"coding": [{"system": LOINC, "code": "38269-7"}]})  # fmt: skip
    yield from the_lists(a, named)


def the_lists(a: Callable[..., Json], named: Callable[[str], str]) -> Iterator[Json]:
    """What is found by the patient alone."""
    patient = named("w")
    subject = {"subject": {"reference": f"Patient/{patient}"}}
    whose = {"patient": {"reference": f"Patient/{patient}"}}
    text = {"code": {"text": "of a house"}}
    box = {"medicationReference": {"reference": f"Medication/{named('box')}"}}
    yield a("MedicationRequest", "order", subject, box, status="active", intent="order")
    yield a("MedicationStatement", "use", subject, box, status="active")
    yield a(
        "MedicationAdministration", "shot", subject, box, status="completed", effectiveDateTime="2026-01-01"
    )
    yield a("MedicationDispense", "sale", subject, box, status="completed")
    yield a("ServiceRequest", "asked", subject, text, status="active", intent="order")
    yield a_hip_fracture(patient, id=named("hip"))
    yield a("Procedure", "operation", subject, text, status="completed")
    yield a("Device", "nail", whose, status="active")
    yield a("AllergyIntolerance", "rash", whose, text)
    yield a("FamilyMemberHistory", "mother", whose, status="completed", relationship={"text": "mother"})
    yield a("RiskAssessment", "risk", subject, status="final")
    yield a("List", "list", subject, status="current", mode="working")
    yield a("Flag", "flag", subject, text, status="active")
    yield a("ImagingStudy", "scan", subject, status="available", description="DXA")
    yield a(
        "Encounter",
        "stay",
        subject,
        {"class": {"code": "IMP"}},
        status="finished",
        period={"start": "2026-10-01"},
        reasonCode=[{"text": "fall"}],
    )
    yield a("AdverseEvent", "event", subject, actuality="actual", event={"text": "fall"})
    yield a("DetectedIssue", "alert", whose, status="final", detail="two drugs")
    yield a("QuestionnaireResponse", "form", subject, status="completed", item=[{"linkId": "1"}])
    yield a("Appointment", "visit", status="booked",
            participant=[{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}])  # fmt: skip
    yield a("Communication", "word", subject, status="completed")


def everything(record: PatientRecord) -> dict[str, Json]:
    """By place, what a review reads about her; our Device is everybody's."""
    former = (it for held in record.former.values() for it in held)
    found = (record.resource, *record.resources, *record.existing.values(), *former)
    ours = {at for at in record.existing if at.startswith("Device/")}
    return {at: it for it in found if (at := f"{it['resourceType']}/{it['id']}") not in ours}


def put(ward: Ward, resource: Json, **changes: Any) -> None:
    ward.runtime.client.update(resource | changes)


def current(ward: Ward, place: str) -> Json:
    return ward.runtime.client.read(*place.split("/"))


def test_a_change_of_any_resource_that_is_read_is_seen(ward: Ward) -> None:
    reviewed(ward.runtime, ward.patient)
    record = ward.read()
    places = [*everything(record), f"Practitioner/{ward.names('gp')}"]
    kinds = {it.partition("/")[0] for it in places}
    assert {it.type for it in queries(["x"], ward.runtime.institution.reading)} <= kinds
    assert {"CarePlan", "Task", "Medication", "Practitioner"} <= kinds
    unseen = []
    for place in places:
        before = ward.read()
        assert ward.unchanged_since(before)
        put(ward, current(ward, place), language="nl")
        if ward.unchanged_since(before):
            unseen.append(place)
    assert unseen == []


def test_what_comes_and_what_goes_is_seen(ward: Ward) -> None:
    before = ward.read()
    put(ward, a_t_score(ward.patient, -1.0, id=ward.names("another")))
    assert not ward.unchanged_since(before)

    for place in (
        f"Observation/{ward.names('another')}",
        f"Condition/{ward.names('hip')}",
        f"Flag/{ward.names('flag')}",
    ):
        before = ward.read()
        ward.runtime.client.delete(*place.split("/"))
        assert not ward.unchanged_since(before), place


def test_writing_the_same_again_is_no_change(ward: Ward) -> None:
    before = ward.read()
    put(ward, current(ward, f"Condition/{ward.names('hip')}"))

    assert ward.unchanged_since(before)


def test_a_label_is_seen_also_where_it_makes_no_version(ward: Ward) -> None:
    before = ward.read()
    hip = current(ward, f"Condition/{ward.names('hip')}")
    label = {"system": "http://house.test/labels", "code": "training"}
    put(ward, hip, meta=hip["meta"] | {"tag": [label]})

    assert not ward.unchanged_since(before)


def a_server(sandbox: Sandbox) -> None:
    sandbox.load(
        [a_gp(), *(it for one in "ab" for it in (a_patient(one), a_t_score(one), a_hip_fracture(one)))]
    )


@pytest.fixture
def hospital(sandbox: Sandbox) -> Iterator[Runtime]:
    """Two patients of whom a review left nothing to do."""
    a_server(sandbox)
    with a_runtime(sandbox.base_url, lambda: NOON, pathway="antonius") as runtime:
        for _ in range(2):
            reviewed(runtime, "a", "b")
        yield runtime


def requests_of_a_review(sandbox: Sandbox, runtime: Runtime) -> tuple[int, set[OutcomeCode]]:
    """The requests of one review of both, and how it ended."""
    sandbox.recorder.clear()
    ended = {it.code for it in reviewed(runtime, "a", "b")}
    return sandbox.recorder.requests["POST", ""], ended


def test_nothing_changed_costs_no_request_more(sandbox: Sandbox, hospital: Runtime) -> None:
    assert requests_of_a_review(sandbox, hospital) == (2, {OutcomeCode.AS_BEFORE})


def test_only_who_changed_is_read_whole(sandbox: Sandbox, hospital: Runtime) -> None:
    hospital.client.update(a_t_score("b", -1.8, status="amended"))

    count, ended = requests_of_a_review(sandbox, hospital)

    assert ended == {OutcomeCode.AS_BEFORE, OutcomeCode.PLANNED}
    assert count == 2 + 2 + 1  # versions, whole, and what is written


USELESS: dict[str, Callable[[Sandbox], object]] = {
    "ignores what is wanted of each": lambda it: it.faults.add_rule(
        FaultEffect.IGNORE_PARAMETER, "_elements"
    ),
    "the same, and claims to have heard": lambda it: it.faults.add_rule(
        FaultEffect.UNSEEN_PARAMETER, "_elements"
    ),
}


@pytest.mark.parametrize("name", USELESS)
def test_a_server_of_which_nothing_is_gained_is_asked_for_versions_once(
    name: str, sandbox: Sandbox, hospital: Runtime
) -> None:
    USELESS[name](sandbox)
    requests_of_a_review(sandbox, hospital)

    count, ended = requests_of_a_review(sandbox, hospital)

    assert (count, ended) == (2, {OutcomeCode.AS_BEFORE})
    assert hospital.client.refused.versions


def test_a_server_whose_versions_differ_where_nothing_did_is_asked_for_them_once(hospital: Runtime) -> None:
    (record,) = read(["a"], hospital.client, hospital.institution, NOON.date())
    seen = review_basis_of(record, {}, hospital.institution.rules, NOON.date()).lasting(date.max)
    memories = {"a": ReviewMemory({}, replace(seen, versions="others"))}

    (outcome,) = review(["a"], hospital.client, hospital.institution, NOON, memories)

    assert outcome.code is OutcomeCode.AS_BEFORE
    assert hospital.client.refused.versions


def test_time_alone_has_nobody_decided_before_the_day_on_which_it_may_change_something() -> None:
    now = NOON
    with Sandbox(clock=lambda: now) as sandbox:
        a_server(sandbox)
        with a_runtime(sandbox.base_url, lambda: now, pathway="antonius") as runtime:
            for _ in range(2):
                reviewed(runtime, "a", "b")
            with runtime.ledger.transaction() as connection:
                bases = [ReviewBasis.of_text(it) for it in connection.scalars(select(ledger_review.c.basis))]
            ahead = (min(it.until for it in bases) - NOON.date()).days
            assert ahead > 2
            for days in (1, 2, ahead - 1):
                now = NOON + timedelta(days=days)
                assert requests_of_a_review(sandbox, runtime) == (2, {OutcomeCode.AS_BEFORE})
            now = NOON + timedelta(days=ahead)
            assert requests_of_a_review(sandbox, runtime)[1] != {OutcomeCode.AS_BEFORE}


def test_who_wants_everybody_read_whole_gets_that(sandbox: Sandbox) -> None:
    a_server(sandbox)
    with a_runtime(sandbox.base_url, lambda: NOON, pathway="antonius", read_unchanged="true") as runtime:
        for _ in range(2):
            reviewed(runtime, "a", "b")
        sandbox.faults.add_rule(FaultEffect.UNVERSIONED)  # seen by whoever reads the contents

        assert {it.code for it in reviewed(runtime, "a", "b")} != {OutcomeCode.AS_BEFORE}


def test_of_types_without_declared_versions_nothing_is_told(sandbox: Sandbox) -> None:
    a_server(sandbox)
    sandbox.faults.add_rule(FaultEffect.NO_VERSIONING)
    with a_runtime(sandbox.base_url, lambda: NOON) as runtime:
        records = read(["a", "b"], runtime.client, runtime.institution, NOON.date())

    assert {it.versions() for it in records} == {UNTOLD}
