"""A letter that leaves is filed beside it, once, and a later edition puts the earlier one aside."""

from collections.abc import Callable

import pytest

from adapter.errors import SoftwareFault
from mappings.handover.letters.letter_documents import LetterDocuments
from mappings.handover.letters.letter_edition import filed_at
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan_drafter import PlanDrafter
from mappings.outbound.draft import Action, Write
from mappings.outbound.fingerprint import seal
from tests.unit.handover.plan_in_memory import PlanInMemory, proposed, released, sent


def filed(plan: PlanInMemory) -> list[str]:
    return sorted(it["status"] for it in plan.of("DocumentReference"))


def corrected() -> PlanInMemory:
    plan = sent()
    plan.score(-1.2)
    plan.review()
    plan.answer()
    return plan


def retracted() -> PlanInMemory:
    plan = sent()
    plan.resources = []
    plan.review()
    return plan


def withdrawn() -> PlanInMemory:
    plan = retracted()
    plan.answer("release_retraction")
    return plan


@pytest.mark.parametrize(
    ("reach", "documents"),
    [
        (proposed, []),
        (released, ["current"]),
        (corrected, ["current", "superseded"]),
        (retracted, ["entered-in-error"]),
        (withdrawn, ["current", "entered-in-error"]),
    ],
)
def test_what_is_filed_stands_as_its_plan_does(
    reach: Callable[[], PlanInMemory], documents: list[str]
) -> None:
    assert filed(reach()) == documents


def test_a_letter_leads_to_its_document_and_the_document_to_the_plan() -> None:
    plan = released()
    letter, document = plan.one("Communication"), plan.one("DocumentReference")
    related = {it["reference"] for it in document["context"]["related"]}

    assert filed_at(letter) == f"DocumentReference/{document['id']}"
    assert f"CarePlan/{plan.one('CarePlan')['id']}" in related


def test_a_corrected_letter_replaces_the_document_before_it() -> None:
    plan = corrected()
    earlier, later = plan.one("DocumentReference", "superseded"), plan.one("DocumentReference", "current")

    assert f"DocumentReference/{earlier['id']}" in str(later["relatesTo"])


def test_a_document_that_a_process_left_behind_is_written_again_and_not_twice() -> None:
    plan = proposed()
    before = dict(plan.server.resources)
    plan.answer()
    document = plan.one("DocumentReference")
    task = plan.one("Task")
    plan.server.resources = {
        **before,
        f"Task/{task['id']}": task,
        f"DocumentReference/{document['id']}": document,
    }
    plan.server.ledger.clear()

    plan.review()

    assert len(plan.of("DocumentReference")) == 1
    assert plan.one("Communication")["status"] == "in-progress"


def test_a_letter_whose_plan_is_nowhere_cannot_be_filed() -> None:
    plan = released()
    found = plan.proposal().composed.situation
    letter = {**plan.one("Communication"), "basedOn": [{"reference": "CarePlan/none"}]}
    drafted = PlanDrafter(found, LetterWriter(found)).plan().drafts
    leaving = Write(Action.UPDATE, seal(letter, "key"), "Communication/1")

    with pytest.raises(SoftwareFault, match="without its plan"):
        list(LetterDocuments(found, LetterWriter(found), drafted).entailed_by([leaving]))


def test_a_document_about_another_plan_stays_when_one_ends() -> None:
    plan = released()
    document = plan.one("DocumentReference")
    elsewhere = {**document["context"], "related": [{"reference": "CarePlan/another"}]}
    plan.change(document, context=elsewhere)
    plan.resources = []

    plan.review()

    assert filed(plan) == ["current"]
