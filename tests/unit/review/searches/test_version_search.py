"""Versions alone say that nothing changed, or they say nothing."""

import pytest

from adapter.errors import ConfigurationFault, OsteoHandoverError, TryAgainLater
from adapter.fhir.search import Params, pairs
from adapter.input.wire_json import Json
from mappings.inbound import queries
from mappings.inbound.queries import WHOLE_OTHERWISE
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import HospitalInMemory, RefusingClient, reading_institution
from workers.review.searches.version_search import for_versions, unchanged
from workers.sandbox import FaultEffect


def stored(hospital: HospitalInMemory) -> dict[str, str]:
    return {it.patient: it.versions() for it in hospital.read()}


def same(hospital: HospitalInMemory, known: dict[str, str]) -> set[str]:
    return set(unchanged(known, hospital.client, hospital.institution, NOON.date()))


CHANGES: dict[str, Json] = {
    "the patient": a_patient("a", language="nl"),
    "a result": a_t_score("a", -2.6, status="amended"),
    "something more": a_hip_fracture("a"),
    "the GP": a_gp() | {"active": False},
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_about_somebody_is_seen_without_reading_it_whole(what: str) -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.server.load(a_patient("b", None))
    known = stored(hospital)
    assert same(hospital, known) == {"a", "b"}

    hospital.server.load(CHANGES[what])

    assert same(hospital, known) == {"b"}


def test_nobody_remembered_is_nobody_asked_about() -> None:
    hospital = HospitalInMemory()

    assert same(hospital, {}) == set()
    assert hospital.server.asked == 0


def test_a_server_that_was_found_to_tell_nothing_is_not_asked_again() -> None:
    hospital = HospitalInMemory()
    known = stored(hospital)
    hospital.client.refused.versions = True
    before = hospital.server.asked

    assert same(hospital, known) == set()
    assert hospital.server.asked == before


@pytest.mark.parametrize("effect", [FaultEffect.IGNORE_PARAMETER, FaultEffect.UNSEEN_PARAMETER])
def test_a_server_that_sends_everything_whole_is_found_out(effect: FaultEffect) -> None:
    hospital = HospitalInMemory()
    known = stored(hospital)
    hospital.server.faults.add_rule(effect, "_elements")

    same(hospital, known)

    assert hospital.client.refused.versions


@pytest.mark.parametrize(
    ("fault", "remembered"),
    [
        (OsteoHandoverError("no such parameter", status=400), True),
        (OsteoHandoverError("no such modifier", status=501), True),
        (OsteoHandoverError("not there", status=404), False),
        (KeyError("our own mistake"), False),
    ],
)
def test_any_other_trouble_is_left_to_the_reading_of_whole_resources(
    fault: Exception, remembered: bool
) -> None:
    hospital = HospitalInMemory(("bad",), client_of=lambda it: RefusingClient(it, fault))

    assert same(hospital, {"bad": "versions"}) == set()
    assert hospital.client.refused.versions is remembered


@pytest.mark.parametrize(
    "fault", [ConfigurationFault("no account", status=401), TryAgainLater("busy", status=503)]
)
def test_what_concerns_everybody_is_raised(fault: OsteoHandoverError) -> None:
    hospital = HospitalInMemory(("bad",), client_of=lambda it: RefusingClient(it, fault))

    with pytest.raises(type(fault)):
        same(hospital, {"bad": "versions"})


def elements(params: Params) -> set[str]:
    return {name for key, value in pairs(params) if key == "_elements" for name in value.split(",")}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Patient", {"id", "meta", "generalPractitioner", "link"}),
        ("Condition", {"id", "meta", "subject"}),
        ("Task", {"id", "meta", "for"}),
        ("AllergyIntolerance", {"id", "meta", "patient"}),
        ("Medication", {"id", "meta"}),
        ("MedicationRequest", {"id", "meta", "subject", "medicationReference"}),
        ("Observation", {"id", "meta", "subject", "hasMember"}),
        ("DiagnosticReport", {"id", "meta", "subject", "result", "hasMember"}),
    ],
)
def test_of_each_type_comes_whose_it_is_and_what_reading_follows(kind: str, expected: set[str]) -> None:
    _, params, _ = for_versions((kind, [("patient", "a")], None))

    assert elements(params) == expected
    assert pairs(params)[0] == ("patient", "a")
    assert WHOLE_OTHERWISE in pairs(params)


def test_a_search_that_says_what_it_wants_stays_as_it_is() -> None:
    search = ("DocumentReference", [("patient", "a"), ("_elements", "status")], None)

    assert for_versions(search) == search


def test_every_search_of_a_record_is_asked_for_less() -> None:
    asked = queries(["a"], reading_institution().reading, NOON.date())

    assert all(elements(for_versions((it.type, it.params, None))[1]) for it in asked)
