"""One review, start to end, on every server that we test with."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from adapter.fhir import FhirClient
from adapter.fhir.bundles import EntryResult
from adapter.fhir.capabilities import Capabilities
from adapter.input.wire_json import Json
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, reviewed, versions_of, written_for
from workers.ledger import ReviewResult, ReviewState, passes, reviews
from workers.queue.runtime import Runtime
from workers.review.review import review
from workers.review.review_outcome import OutcomeCode

Unique = Callable[[str], str]
MODES = ("put", "conditional")


@pytest.fixture
def patient(fhir_server: str, unique_id: Unique) -> str:
    """A patient with a GP and osteoporosis by T-score."""
    key, gp = unique_id("patient"), unique_id("gp")
    admitted(fhir_server, [a_gp(gp), a_patient(key, gp), a_t_score(key)])
    return key


@pytest.mark.parametrize("mode", MODES)
def test_a_review_writes_one_plan_and_one_letter(fhir_server: str, patient: str, mode: str) -> None:
    with a_runtime(fhir_server, site=patient, write_mode=mode) as runtime:
        (outcome,) = reviewed(runtime, patient)
    written = written_for(fhir_server, patient)

    assert outcome.code is OutcomeCode.PLANNED
    assert outcome.category == "osteoporosis"
    assert [(it["status"], it["intent"]) for it in written["CarePlan"]] == [("draft", "proposal")]
    assert [it["status"] for it in written["Communication"]] == ["preparation"]
    assert "-2.7" in written["Communication"][0]["payload"][0]["contentString"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_a_second_review_writes_nothing(fhir_server: str, patient: str, mode: str, memory: str) -> None:
    with a_runtime(fhir_server, site=patient, write_mode=mode) as runtime:
        reviewed(runtime, patient)
        before = versions_of(written_for(fhir_server, patient))
        again = reviewed(runtime, patient) if memory == "kept" else ()
    if memory == "lost":
        with a_runtime(fhir_server, site=patient, write_mode=mode) as runtime:
            again = reviewed(runtime, patient)

    assert [it.code for it in again] == [OutcomeCode.UNCHANGED]
    assert versions_of(written_for(fhir_server, patient)) == before


@pytest.mark.parametrize("mode", MODES)
def test_eight_reviews_at_once_make_one_plan_and_one_letter(
    fhir_server: str, patient: str, mode: str
) -> None:
    def one_worker(_: int) -> OutcomeCode:
        with a_runtime(fhir_server, site=patient, write_mode=mode) as runtime:
            return reviewed(runtime, patient)[0].code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(one_worker, range(8)))
    written = written_for(fhir_server, patient)

    assert set(codes) <= {OutcomeCode.PLANNED, OutcomeCode.UNCHANGED}
    assert (len(written["CarePlan"]), len(written["Communication"])) == (1, 1)


@pytest.mark.parametrize("mode", MODES)
def test_a_plan_that_a_human_edited_is_left_alone(fhir_server: str, patient: str, mode: str) -> None:
    with (
        a_runtime(fhir_server, site=patient, write_mode=mode) as runtime,
        FhirClient(fhir_server) as clinician,
    ):
        reviewed(runtime, patient)
        (plan,) = written_for(fhir_server, patient)["CarePlan"]
        clinician.update(plan | {"title": "As discussed with the patient"})
        admitted(fhir_server, [a_t_score(patient, -1.7)])
        (outcome,) = reviewed(runtime, patient)
    written = written_for(fhir_server, patient)

    assert outcome.code is OutcomeCode.RESPECTED
    assert [it["title"] for it in written["CarePlan"]] == ["As discussed with the patient"]
    assert len(written["Task"]) >= 1


def test_a_corrected_result_updates_the_same_plan(fhir_server: str, patient: str) -> None:
    with a_runtime(fhir_server, site=patient) as runtime:
        reviewed(runtime, patient)
        before = versions_of(written_for(fhir_server, patient))
        admitted(fhir_server, [a_t_score(patient, -1.7, status="corrected")])
        (outcome,) = reviewed(runtime, patient)
    after = versions_of(written_for(fhir_server, patient))

    assert outcome.category == "osteopenia"
    assert {place for place in after if "Task" not in place} == {
        place for place in before if "Task" not in place
    }
    assert all(after[place] == "2" for place in after if place.startswith(("CarePlan", "Communication")))


@pytest.mark.parametrize(
    ("code", "closed"),
    [
        (OutcomeCode.DECEASED, {"deceasedDateTime": "2025-11-01"}),
        (OutcomeCode.INACTIVE, {"active": False}),
        (OutcomeCode.MERGED, {"link": [{"type": "replaced-by", "other": {"reference": "Patient/{gp}"}}]}),
    ],
)
def test_an_open_plan_is_withdrawn_when_there_is_nobody_to_follow(
    fhir_server: str, unique_id: Unique, code: OutcomeCode, closed: Json
) -> None:
    key, gp, successor = unique_id("patient"), unique_id("gp"), unique_id("patient")
    admitted(fhir_server, [a_gp(gp), a_patient(successor, gp), a_patient(key, gp), a_t_score(key)])
    if "link" in closed:
        closed = {"link": [{"type": "replaced-by", "other": {"reference": f"Patient/{successor}"}}]}
    with a_runtime(fhir_server, site=key) as runtime:
        reviewed(runtime, key)
        admitted(fhir_server, [a_patient(key, gp, **closed)])
        (outcome,) = reviewed(runtime, key)
        (again,) = reviewed(runtime, key)
    written = written_for(fhir_server, key)

    assert (outcome.code, outcome.category) == (code, "osteoporosis")
    assert [it["status"] for it in written["CarePlan"]] == ["revoked"]
    assert [it["status"] for it in written["Communication"]] == ["not-done"]
    assert again.proposed == ()


@pytest.mark.parametrize("gp", ["nobody", "a name alone"])
def test_without_a_gp_a_human_is_asked(fhir_server: str, unique_id: Unique, gp: str) -> None:
    key = unique_id("patient")
    named = {"generalPractitioner": [{"display": "Dr Somebody"}]} if gp == "a name alone" else {}
    admitted(fhir_server, [a_patient(key, None, **named), a_t_score(key)])
    with a_runtime(fhir_server, site=key) as runtime:
        (outcome,) = reviewed(runtime, key)
    written = written_for(fhir_server, key)

    assert outcome.code is OutcomeCode.PLANNED
    assert written["Communication"] == []
    (task,) = written["Task"]
    asked = {
        it["valueCodeableConcept"]["coding"][0]["code"]
        for it in task["input"]
        if "valueCodeableConcept" in it
    }
    assert task["code"]["coding"][0]["code"] == "clarify_before_release"
    assert "no_general_practitioner" in asked


def test_a_gp_known_by_identifier_gets_the_letter(fhir_server: str, unique_id: Unique) -> None:
    key = unique_id("patient")
    gp = {
        "type": "Practitioner",
        "identifier": {"system": "http://gp.example.org", "value": "7"},
        "display": "Dr Seven",
    }
    admitted(fhir_server, [a_patient(key, None, generalPractitioner=[gp]), a_t_score(key)])
    with a_runtime(fhir_server, site=key) as runtime:
        reviewed(runtime, key)
    (letter,) = written_for(fhir_server, key)["Communication"]

    assert letter["recipient"][0]["identifier"]["value"] == "7"
    assert "Dr Seven" in letter["payload"][0]["contentString"]


def test_a_patient_who_is_not_there_harms_nobody(fhir_server: str, patient: str, unique_id: Unique) -> None:
    with a_runtime(fhir_server, site=patient) as runtime:
        outcomes = review(
            [unique_id("absent"), patient, unique_id("absent")],
            runtime.client,
            runtime.institution,
            runtime.now(),
        )

    assert [it.code for it in outcomes] == [OutcomeCode.FAILED, OutcomeCode.PLANNED, OutcomeCode.FAILED]


def test_many_patients_share_a_transaction(fhir_server: str, unique_id: Unique) -> None:
    site, gp = unique_id("site"), unique_id("gp")
    ids = [unique_id("patient") for _ in range(30)]
    admitted(fhir_server, [a_gp(gp), *(a_patient(key, gp) for key in ids), *(a_t_score(key) for key in ids)])
    with a_runtime(fhir_server, site=site, search_size=7, write_size=11) as runtime:
        first, second = reviewed(runtime, *ids), reviewed(runtime, *ids)

    assert {it.code for it in first} == {OutcomeCode.PLANNED}
    assert {it.code for it in second} == {OutcomeCode.UNCHANGED}


@pytest.mark.parametrize("kind", ["CarePlan", "Communication"])
def test_a_twin_that_another_writer_made_is_marked_and_never_touched_again(
    fhir_server: str, patient: str, kind: str
) -> None:
    with a_runtime(fhir_server, site=patient, write_mode="conditional") as runtime:
        reviewed(runtime, patient)
        (elder,) = written_for(fhir_server, patient)[kind]
        twin = {name: value for name, value in elder.items() if name not in {"id", "meta"}}
        runtime.client.create(twin)
        (noticed,) = reviewed(runtime, patient)
        (again,) = reviewed(runtime, patient)
        admitted(fhir_server, [a_t_score(patient, -1.7)])
        (changed,) = reviewed(runtime, patient)
    held = {it["id"]: it for it in written_for(fhir_server, patient)[kind]}

    assert (noticed.alarms, again.alarms, changed.alarms) == (("duplicates_on_server",), (), ())
    assert changed.code is OutcomeCode.PLANNED
    assert sorted(it["status"] == "entered-in-error" for it in held.values()) == [False, True]
    assert held[elder["id"]]["meta"]["versionId"] == "2"


class WithoutTransactions(FhirClient):
    """The same server, if it offered only single writes."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), system_interactions=frozenset({"batch"}))

    def transaction(self, *_: Any, **__: Any) -> list[EntryResult]:
        raise AssertionError("this server has no transactions")


@pytest.mark.parametrize("mode", MODES)
def test_a_server_without_transactions_gets_one_resource_after_the_other(
    fhir_server: str, patient: str, mode: str
) -> None:
    with (
        a_runtime(fhir_server, site=patient, write_mode=mode) as runtime,
        WithoutTransactions(fhir_server) as server,
    ):
        first, second = (review([patient], server, runtime.institution, runtime.now()) for _ in range(2))
    written = written_for(fhir_server, patient)
    (letter,), (plan,) = written["Communication"], written["CarePlan"]

    assert (first[0].code, second[0].code) == (OutcomeCode.PLANNED, OutcomeCode.UNCHANGED)
    assert letter["basedOn"][0]["reference"].partition("/_history")[0] == f"CarePlan/{plan['id']}"


def test_the_sweep_finds_who_changed_and_nobody_else(
    fhir_server: str, patient: str, unique_id: Unique
) -> None:
    bystander, newcomer = unique_id("patient"), unique_id("patient")
    admitted(fhir_server, [a_patient(bystander, None), a_t_score(bystander)])
    time.sleep(1.1)  # a server's clock shows whole seconds, and the second of the last sweep is read again
    with a_runtime(fhir_server, site=patient, sweep_overlap=0) as runtime:
        first = runtime.sweep()
        everybody = worked_off(runtime)
        admitted(fhir_server, [a_t_score(patient, -1.9), a_patient(newcomer, None)])
        second = runtime.sweep()
        changed = worked_off(runtime)

    assert (first.full, second.full) == (True, False)
    assert {patient, bystander} <= everybody
    assert {patient, newcomer} <= changed
    assert changed < everybody | {newcomer}


def test_a_sweep_that_finds_the_same_versions_makes_nobody_work(fhir_server: str, patient: str) -> None:
    with a_runtime(fhir_server, site=patient, sweep_overlap=600) as runtime:
        for _ in range(2):
            runtime.sweep()
            worked_off(runtime)
        runtime.sweep()

        assert worked_off(runtime) == set()
        assert passes.watermark_value(runtime.ledger, runtime.ruleset) is not None


def worked_off(runtime: Runtime) -> set[str]:
    """Everybody who was due, settled without a review."""
    found: set[str] = set()
    while claim := runtime.claim(1000):
        leases = reviews.begin_reviews(runtime.ledger, claim, runtime.clock(), runtime.lease, 5)
        reviews.settle_reviews(
            runtime.ledger, [ReviewResult(it, ReviewState.DONE) for it in leases], runtime.clock()
        )
        found |= {it.patient for it in leases}
    passes.advance_watermark(runtime.ledger, runtime.ruleset)
    return found
