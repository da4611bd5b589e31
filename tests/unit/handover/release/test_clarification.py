"""What a human has to clarify stands in one Task, and what a clinician read is not asked again."""

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.clarification import MATTER, NO_RECIPIENT, matter_inputs, one_task, unread
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal

ABOUT: Json = {"type": {"text": "about"}, "valueReference": {"reference": "Observation/1"}}


def a_matter(code: str, *inputs: Json) -> Draft:
    coded = {"coding": [{"system": "https://ours", "code": code}]}
    return seal(
        {"resourceType": "Task", "status": "requested", "code": coded, "input": list(inputs)}, f"key|{code}"
    )


UNREADABLE, FOREIGN = a_matter("unreadable_result", ABOUT), a_matter("foreign_data")


def test_no_matter_is_no_task_and_one_matter_is_its_own() -> None:
    assert one_task([], "key", "en") == ()
    assert one_task([FOREIGN], "key", "en") == (FOREIGN,)


def test_several_matters_are_one_task_under_the_code_of_the_first() -> None:
    (task,) = one_task([UNREADABLE, FOREIGN], "key", "en")

    assert task.resource["code"] == UNREADABLE.resource["code"]
    assert [code_in(it["type"]) for it in task.resource["input"]] == [None, MATTER]
    assert task.key not in (UNREADABLE.key, FOREIGN.key)


def asked(*matters: Draft) -> Json:
    """The Task that a clinician answered with these matters in it."""
    return {"resourceType": "Task", "input": list(matter_inputs(matters, "en"))}


@pytest.mark.parametrize(
    ("answered", "left"),
    [
        ([], ["unreadable_result", "foreign_data"]),
        ([asked(UNREADABLE)], ["foreign_data"]),
        ([asked(UNREADABLE), asked(FOREIGN)], []),
        (
            [asked(a_matter("unreadable_result"))],
            ["unreadable_result", "foreign_data"],
        ),  # about another result
        ([{"resourceType": "Task"}], ["unreadable_result", "foreign_data"]),
    ],
)
def test_a_matter_is_read_where_the_answered_task_showed_it_whole(
    answered: list[Json], left: list[str]
) -> None:
    found = unread([UNREADABLE, FOREIGN], answered)

    assert [it.resource["code"]["coding"][0]["code"] for it in found] == left


def test_a_letter_that_nobody_receives_stays_a_question() -> None:
    nobody = a_matter(NO_RECIPIENT)

    assert unread([nobody], [asked(nobody)]) == (nobody,)


def test_a_matter_is_told_by_its_code_and_then_by_what_it_is_about() -> None:
    named, about = matter_inputs([UNREADABLE], "en")

    assert named == {
        "type": release_concept(MATTER, "en"),
        "valueCodeableConcept": UNREADABLE.resource["code"],
    }
    assert about == ABOUT
