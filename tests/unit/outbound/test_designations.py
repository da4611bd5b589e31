"""A code that only an institution's pathway has is written in that pathway's system and words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapter.clinical.decision import Decision
from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.outbound import ActivityStyle
from mappings.outbound.designations import OwnCodes, Wording, own_codes
from mappings.outbound.ids import OUTPUT, is_own, own_system
from mappings.outbound.vocabulary import output_concept
from mappings.pathways import PATHWAY_NAMES, load
from tests.factories import (
    a_decision,
    a_flag,
    a_follow_up,
    a_goal,
    a_treatment,
    an_activity,
    an_option,
)
from tests.unit.outbound.server_in_memory import CONTEXT, ServerInMemory, drawn

SYSTEM = f"{BASE}/CodeSystem/mine-own"
OWN = OwnCodes(
    SYSTEM,
    {
        "fall_clinic": {"nl": "Naar de valpoli", "en": "To the fall clinic"},
        "bakery": {"nl": "Naar de bakker"},
        "night_walk": {},
    },
)
MINE = replace(CONTEXT, language="nl", own=OWN)


@pytest.mark.parametrize(
    ("code", "language", "display", "text"),
    [
        ("fall_clinic", "nl", "To the fall clinic", "Naar de valpoli"),
        ("fall_clinic", "fr", "To the fall clinic", "To the fall clinic"),
        ("bakery", "fr", "Naar de bakker", "Naar de bakker"),
        ("night_walk", "nl", "night walk", "night walk"),
    ],
)
def test_it_is_called_what_the_pathway_calls_it(code: str, language: str, display: str, text: str) -> None:
    written = Wording(language, OWN).concept(code)

    assert written == {"coding": [{"system": SYSTEM, "code": code, "display": display}], "text": text}
    assert Wording(language, OWN).words(code) == Wording(language, OWN).loosely(code) == text


def test_a_code_of_ours_stays_ours() -> None:
    assert Wording("nl", OWN).concept("dxa_request") == output_concept("dxa_request", "nl")


@pytest.mark.parametrize("own", [OwnCodes(), OWN])
def test_a_code_that_is_neither_ours_nor_the_pathways_stops_before_it_is_written(own: OwnCodes) -> None:
    for write in (Wording("en", own).concept, Wording("en", own).words):
        with pytest.raises(SoftwareFault, match="'brand_new' has no entry"):
            write("brand_new")


@pytest.mark.parametrize("pathway", PATHWAY_NAMES)
def test_the_pathways_that_are_shipped_have_no_codes_of_their_own(pathway: str) -> None:
    assert own_codes(load(pathway)).texts == {}


@pytest.mark.parametrize(
    ("system", "own"), [(own_system("mine"), True), (OUTPUT, False), ("http://elsewhere/x-own", False)]
)
def test_the_system_of_a_pathway_is_known_by_its_address(system: str, own: bool) -> None:
    assert is_own(system) is own


KINDS: dict[str, Decision] = {
    "activity": a_decision(activities=(an_activity("fall_clinic"),)),
    "follow-up": a_decision(follow_ups=(a_follow_up("fall_clinic"),)),
    "goal": a_decision(goals=(a_goal("fall_clinic", low=Decimal(1)),)),
    "option": a_decision(treatment=a_treatment(options=(an_option("fall_clinic", drugs=()),))),
    "flag": a_decision(flags=(a_flag("fall_clinic"),)),
}


@pytest.mark.parametrize("style", ActivityStyle)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_output_can_be_the_institutions_own(kind: str, style: ActivityStyle) -> None:
    made = drawn(KINDS[kind], context=replace(MINE, activity_style=style))
    assert made.plan is not None
    codings = [it for draft in made.content() for it in codings_in(draft.resource)]

    assert "Naar de valpoli" in made.plan.resource["text"]["div"]
    assert (
        kind == "flag"
        or {"system": SYSTEM, "code": "fall_clinic", "display": "To the fall clinic"} in codings
    )


def test_a_human_who_edited_the_plan_is_told_which_own_step_was_added_and_which_went() -> None:
    server = ServerInMemory()
    first = a_decision(activities=(an_activity("night_walk"),))
    then = a_decision(activities=(an_activity("fall_clinic"),))
    server.review(drawn(first, context=MINE))
    server.edit("CarePlan", title="As discussed")
    server.review(drawn(then, context=MINE))
    (task,) = (it for it in server.of("Task") if it["code"]["coding"][0]["code"] == "plan_edited_by_human")
    told = {
        it["type"]["coding"][0]["code"]: it["valueCodeableConcept"]["coding"][0]
        for it in task["input"]
        if "valueCodeableConcept" in it
    }

    assert told == {
        "activity_added": {"system": SYSTEM, "code": "fall_clinic"},
        "activity_removed": {"system": SYSTEM, "code": "night_walk"},
    }


def codings_in(value: object) -> list[Json]:
    """Every coding anywhere in a resource."""
    if isinstance(value, list):
        return [it for held in value for it in codings_in(held)]
    if not isinstance(value, dict):
        return []
    return [*value.get("coding", ()), *(it for held in value.values() for it in codings_in(held))]
