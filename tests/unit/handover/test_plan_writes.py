"""What is written about one patient, and what a worker has to do after it."""

from collections.abc import Callable

import pytest

from tests.unit.handover.plan_in_memory import PlanInMemory, proposed, released, sent


def dead(plan: PlanInMemory) -> None:
    plan.patient = {**plan.patient, "deceasedBoolean": True}


def merged(plan: PlanInMemory) -> None:
    plan.patient = {
        **plan.patient,
        "link": [{"type": "replaced-by", "other": {"reference": "Patient/survivor"}}],
    }


def merged_elsewhere(plan: PlanInMemory) -> None:
    plan.patient = {**plan.patient, "link": [{"type": "replaced-by", "other": {"reference": "urn:uuid:1"}}]}


def without_scores(plan: PlanInMemory) -> None:
    plan.resources = []


def nothing(_: PlanInMemory) -> None:
    pass


@pytest.mark.parametrize(
    ("reach", "happens", "revoked", "again"),
    [
        (released, nothing, 0, ()),
        (released, dead, 1, ()),
        (released, merged, 1, ("survivor",)),
        (released, merged_elsewhere, 1, ()),
        (sent, without_scores, 1, ("p",)),
        (proposed, merged, 0, ("survivor",)),
    ],
)
def test_what_was_revoked_and_who_is_looked_at_next(
    reach: Callable[[], PlanInMemory],
    happens: Callable[[PlanInMemory], None],
    revoked: int,
    again: tuple[str, ...],
) -> None:
    plan = reach()
    happens(plan)

    found = plan.proposal().composed

    assert len(found.revoked) == revoked
    assert found.again == again


@pytest.mark.parametrize(("reach", "letters"), [(PlanInMemory, 0), (proposed, 0), (released, 1), (sent, 0)])
def test_a_letter_goes_out_until_a_transport_has_it(reach: Callable[[], PlanInMemory], letters: int) -> None:
    """Also after a restart: the ledger that queued it may have been lost."""
    assert len(reach().proposal().composed.outgoing) == letters


def test_a_release_is_queued_by_the_review_that_finds_it() -> None:
    plan = proposed()
    (task,) = plan.tasks("release_letter", "clarify_before_release")
    plan.change(task, status="completed", owner={"reference": "Practitioner/doctor"})

    assert len(plan.proposal().composed.outgoing) == 1


def test_one_place_is_written_once() -> None:
    plan = sent()
    plan.score(-1.2)
    plan.review()
    (task,) = plan.tasks("release_letter", "clarify_before_release")
    plan.change(task, status="completed", owner={"reference": "Practitioner/doctor"})

    places = [it.location for it in plan.proposal().changes]

    assert len(places) == len(set(places)) > 3
