"""A plan that replaces a released one has names of its own, and everything in it points to those."""

from dataclasses import replace

from adapter.input.wire_json import Json
from mappings.handover.plan.plan_history import plan_location
from mappings.handover.plan.replacement import SERIES, as_generation, part_of, pointing, series_identifier
from mappings.outbound.content import outline_of
from mappings.outbound.draft import ActivityStyle
from mappings.outbound.ids import location_of
from tests.unit.outbound.server_in_memory import CONTEXT, asked, drawn

KEY = "hospital-a|Patient/17|antonius"


def test_the_first_plan_stays_as_it_is() -> None:
    drafts = drawn()

    assert as_generation(drafts, KEY, 1, None) is drafts


def test_a_later_plan_is_another_resource_of_the_same_series() -> None:
    first = drawn()
    later = as_generation(first, KEY, 2, first.plan_location)
    assert first.plan is not None
    assert later.plan is not None

    assert later.plan.location == later.plan_location != first.plan_location
    assert series_identifier(KEY) in later.plan.resource["identifier"]
    assert later.plan.resource["replaces"] == [{"reference": first.plan_location}]
    assert as_generation(replace(first, plan=None), KEY, 2, None).plan is None
    assert {it.location for it in later.communications}.isdisjoint(
        {it.location for it in first.communications}
    )


def test_no_draft_of_a_later_plan_points_to_the_first() -> None:
    first = drawn()
    later = as_generation(first, KEY, 2, None)

    for draft in (*later.content(), asked(later, "released_plan_outdated")):
        assert first.plan_location not in {location_of(it) for it in outline_of(draft.resource).references}


def test_a_question_about_a_patient_keeps_its_name_however_many_plans_there_were() -> None:
    question = asked(drawn(), "released_plan_outdated")
    first = replace(drawn(), tasks=(question,))
    later = as_generation(first, KEY, 3, None)

    assert [it.location for it in later.tasks] == [question.location]
    assert asked(later, "released_plan_outdated").location == question.location


def test_a_series_has_the_name_of_its_first_plan() -> None:
    assert series_identifier(KEY) == {
        "system": SERIES,
        "value": plan_location(KEY, 1).removeprefix("CarePlan/"),
    }


def test_only_references_are_moved() -> None:
    held: Json = {
        "focus": {"reference": "CarePlan/a/_history/2", "display": "CarePlan/a"},
        "note": ["CarePlan/a"],
    }

    assert pointing(held, {"CarePlan/a": "CarePlan/b"}) == {
        "focus": {"reference": "CarePlan/b", "display": "CarePlan/a"},
        "note": ["CarePlan/a"],
    }


def test_letters_that_follow_others_say_so() -> None:
    letters = drawn().communications

    assert part_of(letters, ()) == letters
    (after,) = part_of(letters, ("Communication/1",))
    assert after.resource["partOf"] == [{"reference": "Communication/1"}]
    assert after.fingerprint != letters[0].fingerprint


def test_the_steps_of_a_later_plan_are_requests_of_their_own() -> None:
    first = drawn(context=replace(CONTEXT, activity_style=ActivityStyle.REFERENCE))
    later = as_generation(first, KEY, 2, None)

    assert len(later.requests) == len(first.requests) > 0
    assert {it.location for it in later.requests}.isdisjoint({it.location for it in first.requests})
    assert later.plan is not None
    named = {location_of(it) for it in outline_of(later.plan.resource).references}
    assert {it.location for it in later.requests} <= named
