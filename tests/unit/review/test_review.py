"""One outcome for each patient, whatever happens to the others."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    VersionConflict,
)
from adapter.fhir.search import pairs
from mappings.handover.review_basis import ReviewBasis
from tests.made_resources import a_t_score
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import (
    HospitalInMemory,
    OvertakenClient,
    RefusingClient,
    SlowClient,
    reading_institution,
)
from workers.review.review import ATTEMPTS, DECIDING, Memories, ReviewMemory, review
from workers.review.review_outcome import OutcomeCode

PLANNED, UNCHANGED, AS_BEFORE = OutcomeCode.PLANNED, OutcomeCode.UNCHANGED, OutcomeCode.AS_BEFORE
FAILED, RETRY = OutcomeCode.FAILED, OutcomeCode.RETRY


def test_each_patient_has_one_outcome_in_the_order_of_asking() -> None:
    hospital = HospitalInMemory(("a", "b", "c"))

    outcomes = hospital.review("c", "a", "c", "b", "a")

    assert [(it.patient, it.code) for it in outcomes] == [(one, PLANNED) for one in "cab"]
    assert {it.category for it in outcomes} == {"osteoporosis"}


def test_nobody_has_no_outcome_and_costs_no_request() -> None:
    hospital = HospitalInMemory(())

    assert hospital.review() == ()
    assert hospital.server.asked == 0


def test_a_second_review_writes_nothing() -> None:
    hospital = HospitalInMemory()
    hospital.review()
    before = hospital.versions()

    (outcome,) = hospital.review()

    assert (outcome.code, outcome.proposed, outcome.written) == (UNCHANGED, (), {})
    assert hospital.versions() == before


def test_one_who_is_not_there_harms_nobody() -> None:
    outcomes = HospitalInMemory(("a", "b")).review("a", "absent", "b")

    assert [it.code for it in outcomes] == [PLANNED, FAILED, PLANNED]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (RecordFault("unreadable", status=400), FAILED),
        (ServerStumbled("it stumbled", status=500), RETRY),
        (KeyError("our own mistake"), FAILED),
    ],
)
def test_one_record_that_cannot_be_read_stops_no_other_one(fault: Exception, code: OutcomeCode) -> None:
    hospital = HospitalInMemory(("a", "bad", "b"), client_of=lambda it: RefusingClient(it, fault))

    assert [it.code for it in hospital.review()] == [PLANNED, code, PLANNED]


def test_a_server_that_is_too_slow_for_all_at_once_is_asked_for_a_few_at_a_time() -> None:
    hospital = HospitalInMemory(tuple("abcdefg"), client_of=SlowClient)

    assert [(it.patient, it.code) for it in hospital.review()] == [(one, PLANNED) for one in "abcdefg"]


@pytest.mark.parametrize(("status", "kind"), [(503, OsteoHandoverError), (401, ConfigurationFault)])
def test_a_server_that_serves_nobody_is_no_fault_of_a_record(
    status: int, kind: type[OsteoHandoverError]
) -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.client.capabilities()
    hospital.server.busy = lambda: status

    outcomes = hospital.review()

    assert [it.patient for it in outcomes] == ["a", "b"]
    assert all(isinstance(it.fault, kind) for it in outcomes)
    assert {type(it.fault) for it in outcomes} & {RecordFault} == set()


@pytest.mark.parametrize("times", range(ATTEMPTS + 1))
def test_who_is_overtaken_is_read_and_decided_again_and_not_for_ever(times: int) -> None:
    hospital = HospitalInMemory(client_of=lambda it: OvertakenClient(it, times))

    (outcome,) = hospital.review()

    if times < ATTEMPTS:
        assert outcome.code is PLANNED
    else:
        assert isinstance(outcome.fault, VersionConflict)
        assert outcome.code is RETRY
        assert hospital.server.all("CarePlan") == []


def test_whose_turn_is_over_is_left_alone_and_nothing_is_said() -> None:
    hospital = HospitalInMemory(("a", "b"))

    outcomes = hospital.review(holds=lambda ids: set(ids) - {"a"})

    assert [(it.patient, it.code) for it in outcomes] == [("b", PLANNED)]
    assert {it["subject"]["reference"] for it in hospital.server.all("CarePlan")} == {"Patient/b"}


def test_a_batch_is_decided_when_no_other_is() -> None:
    hospital, decided = HospitalInMemory(("a",)), threading.Event()

    def told(ids: Sequence[str]) -> Collection[str]:
        decided.set()
        return ids

    with DECIDING:
        other = threading.Thread(target=lambda: hospital.review(holds=told))
        other.start()
        early = decided.wait(0.2)
    other.join(60)

    assert (early, decided.is_set()) == (False, True)


# --- what is remembered -------------------------------------------------------------------------------------


def remembered(hospital: HospitalInMemory) -> Memories:
    """What a ledger keeps of a first review and of a second one, which left nothing to do."""
    written = {it.patient: it.written for it in hospital.review()}
    memories = {one: ReviewMemory(versions) for one, versions in written.items()}
    again = hospital.review(memories=memories)
    assert {it.code for it in again} == {UNCHANGED}
    return {it.patient: ReviewMemory(written[it.patient], ReviewBasis.of_text(it.basis)) for it in again}


@pytest.mark.parametrize("whole", [False, True])
def test_nothing_that_changed_ends_early_and_keeps_what_it_rested_on(whole: bool) -> None:
    hospital = HospitalInMemory(
        ("a", "b"), institution=reading_institution(rules="these", read_unchanged=whole)
    )
    memories = remembered(hospital)
    hospital.client.searches.clear()

    outcomes = hospital.review(memories=memories)

    assert [it.code for it in outcomes] == [AS_BEFORE, AS_BEFORE]
    assert [it.basis for it in outcomes] == [memories[it].basis.text for it in ("a", "b")]
    asked = [pairs(params) for kind, params, _ in hospital.client.searches if kind == "Observation"]
    assert {any(name == "_elements" for name, _ in it) for it in asked} == {not whole}


def test_only_who_changed_is_decided_again() -> None:
    hospital = HospitalInMemory(("a", "b"), institution=reading_institution(rules="these"))
    memories = remembered(hospital)
    hospital.server.load(a_t_score("b", -1.8, status="amended"))

    outcomes = hospital.review(memories=memories)

    assert [(it.code, it.category) for it in outcomes] == [(AS_BEFORE, None), (PLANNED, "osteopenia")]


@pytest.mark.parametrize(
    ("rules", "days", "code"),
    [
        ("these", 0, AS_BEFORE),
        ("these", 1, AS_BEFORE),
        ("others", 0, UNCHANGED),
        ("", 0, UNCHANGED),
        ("these", 4000, PLANNED),  # years later, the T-score no longer holds
    ],
)
def test_other_rules_and_other_days_have_everybody_decided_again(
    rules: str, days: int, code: OutcomeCode
) -> None:
    hospital = HospitalInMemory(institution=reading_institution(rules="these"))
    memories = remembered(hospital)

    (outcome,) = review(
        ["p"], hospital.client, reading_institution(rules=rules), NOON + timedelta(days=days), memories
    )

    assert outcome.code is code


def test_versions_that_differ_where_nothing_did_are_not_asked_for_again() -> None:
    hospital = HospitalInMemory(institution=reading_institution(rules="these"))
    seen = remembered(hospital)["p"]
    memories = {"p": replace(seen, basis=replace(seen.basis, versions="others"))}

    (outcome,) = hospital.review(memories=memories)

    assert outcome.code is AS_BEFORE
    assert hospital.client.refused.versions


def test_an_outage_while_versions_are_asked_for_is_everybodys() -> None:
    hospital = HospitalInMemory(("a", "b"), institution=reading_institution(rules="these"))
    memories = remembered(hospital)
    hospital.server.busy = lambda: 503

    outcomes = hospital.review("a", "new", "b", memories=memories)

    assert [(it.patient, it.code) for it in outcomes] == [("a", RETRY), ("new", RETRY), ("b", RETRY)]
    assert not any(isinstance(it.fault, Outage) and it.retry_after for it in outcomes)
