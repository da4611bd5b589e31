"""Only a complete list may say "none": what a server withholds, cuts or garbles is unknown, and said to be.

The drills are the sandbox's: a real server cannot be made to answer like this on demand, though real ones do.
"""

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, reviewed, written_for
from workers.queue.runtime import Runtime
from workers.review.review_outcome import OutcomeCode, ReviewOutcome
from workers.sandbox import FaultEffect, Sandbox

NORMAL, LOW = -0.4, -2.7
LISTS = "conditions,fractures,medications"
DEFECTS = ("nan", "key", "nul", "surrogate", "digits", "exponent")
WARNINGS = ("incomplete", "suppressed", "too-costly")


@pytest.fixture
def filled(sandbox: Sandbox) -> Sandbox:
    """Two women with a normal T-score each, and nothing else on record."""
    people = [a_patient("one", "gp"), a_patient("two", "gp")]
    scores = [a_t_score("one", NORMAL), a_t_score("two", NORMAL)]
    admitted(sandbox.base_url, [a_gp("gp"), *people, *scores])
    return sandbox


def both(runtime: Runtime) -> dict[str, ReviewOutcome]:
    return {it.patient: it for it in reviewed(runtime, "one", "two")}


def questions_about(server: Sandbox, patient: str) -> list[str]:
    """The codes of the Tasks that ask a human to look, and not just to release."""
    codes = [it["code"]["coding"][0]["code"] for it in written_for(server.base_url, patient).get("Task", [])]
    return [code for code in codes if not code.startswith("release")]


def test_without_a_fault_nobody_is_asked_anything(filled: Sandbox) -> None:
    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        outcomes = both(runtime)

    assert {it.fault for it in outcomes.values()} == {None}
    assert questions_about(filled, "one") == []


@pytest.mark.parametrize("defect", DEFECTS)
@pytest.mark.hazard(id="H27")
def test_an_entry_that_cannot_be_read_is_one_patients_unknown_and_not_the_others(
    filled: Sandbox, defect: str
) -> None:
    admitted(filled.base_url, [a_t_score("one", LOW, id="low")])
    filled.faults.add_rule(FaultEffect.UNREADABLE_ENTRY, f"{defect} Observation/low", type="Observation")

    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        outcomes = both(runtime)

    assert outcomes["one"].code is OutcomeCode.PLANNED
    assert "unreadable" in outcomes["one"].rejected
    assert questions_about(filled, "one")
    assert "unreadable" not in outcomes["two"].rejected
    assert questions_about(filled, "two") == []


@pytest.mark.hazard(id="H27")
def test_what_cannot_be_read_at_a_merged_patient_is_unknown_here(filled: Sandbox) -> None:
    merged = [{"type": "replaces", "other": {"reference": "Patient/former"}}]
    former = a_patient("former", active=False)
    admitted(filled.base_url, [former, a_patient("one", link=merged), a_t_score("former", LOW)])
    filled.faults.add_rule(FaultEffect.UNREADABLE_ENTRY, "nan Observation/former-spine", type="Observation")

    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        outcomes = both(runtime)

    assert "unreadable" in outcomes["one"].rejected
    assert questions_about(filled, "one")
    assert "unreadable" not in outcomes["two"].rejected


@pytest.mark.parametrize(
    "kind", ["Observation", "Condition", "MedicationStatement", "AllergyIntolerance", "List"]
)
@pytest.mark.parametrize("told", WARNINGS)
@pytest.mark.hazard(id="H27")
def test_a_server_that_owns_up_to_a_gap_makes_the_list_unknown(filled: Sandbox, kind: str, told: str) -> None:
    filled.faults.add_rule(FaultEffect.WARNING, told, type=kind)

    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        proposal, _ = runtime.proposal_of("one")

    assert not proposal.reading.record.conditions.complete
    assert not proposal.reading.record.medicines.complete
    reasons = {it.reason.value for it in proposal.reading.needs_human}
    assert reasons == {"withheld" if told == "suppressed" else "answer_incomplete"}


@pytest.mark.parametrize("kind", ["Observation", "Condition", "MedicationStatement"])
@pytest.mark.hazard(id="H27")
def test_a_total_that_speaks_of_more_than_came_makes_the_list_unknown(filled: Sandbox, kind: str) -> None:
    filled.faults.add_rule(FaultEffect.SHORT_ANSWER, 0, type=kind)

    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        outcomes = both(runtime)

    assert "answer_incomplete" in outcomes["one"].rejected
    assert questions_about(filled, "one")


def test_what_of_ours_did_not_come_whole_is_not_written_a_second_time(filled: Sandbox) -> None:
    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        both(runtime)
        written = len(filled.recorder.writes)
        filled.faults.add_rule(FaultEffect.SHORT_ANSWER, 0, type="CarePlan")
        outcomes = both(runtime)

    assert {it.code for it in outcomes.values()} == {OutcomeCode.FAILED}
    assert len(filled.recorder.writes) == written


def test_a_batch_that_comes_back_bare_is_asked_one_by_one(filled: Sandbox) -> None:
    filled.faults.add_rule(FaultEffect.BARE_BATCH)

    with a_runtime(filled.base_url, complete_lists=LISTS) as runtime:
        outcomes = both(runtime)

    assert {it.fault for it in outcomes.values()} == {None}
    assert {it.category for it in outcomes.values()} == {"normal"}
