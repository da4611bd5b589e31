"""A plan carries what it says, so that a correction can name what changed without the ledger."""

import pytest

from adapter.clinical.model import Side, Site
from adapter.input.wire_json import Json
from mappings.handover.plan.plan_summary import SUMMARY, as_extension, summary, summary_of
from tests.factories import NECK, a_bone_record, a_classification, a_decision, a_t_score
from tests.unit.handover.plan_in_memory import proposed


def a_plan(*pairs: tuple[str, str]) -> Json:
    return {
        "extension": [{"url": SUMMARY, "extension": [{"url": kind, "valueString": it} for kind, it in pairs]}]
    }


def test_what_is_written_on_a_plan_is_read_again() -> None:
    said = summary(a_decision(), a_bone_record())

    again = summary_of({"extension": [as_extension(said)]})

    assert again is not None
    assert (again.single, again.several, again.fractures) == (said.single, said.several, said.fractures)
    assert [(at, it.site, it.side, it.value, it.on) for at, it in again.scores] == [
        (at, it.site, it.side, it.value, it.on) for at, it in said.scores
    ]


def test_of_several_scores_of_one_source_all_are_kept_and_the_deciding_one_stands_first() -> None:
    spine, neck = a_t_score("-1.4"), a_t_score("-2.7", Site.FEMORAL_NECK, side=Side.LEFT)
    judged = a_classification(deciding=neck, study=(spine, neck))
    said = summary(a_decision(classification=judged), a_bone_record())

    again = summary_of({"extension": [as_extension(said)]})

    assert again is not None
    assert [(it.site, it.value) for _, it in again.scores] == [
        (neck.site, neck.value),
        (spine.site, spine.value),
    ]
    assert again.deciding is not None
    assert again.deciding.value == neck.value


def test_the_deciding_score_stands_first() -> None:
    said = summary(a_decision(), a_bone_record())

    assert said.deciding is not None
    assert (said.deciding.site, said.deciding.value) == (Site.LUMBAR_SPINE, a_t_score().value)


def test_a_side_is_kept() -> None:
    said = summary_of({"extension": [as_extension(summary(a_decision(), a_bone_record()))]})

    assert said is not None
    assert dict(said.scores)[NECK.partition("/_history")[0]].side is Side.LEFT


def test_a_plan_of_ours_has_a_summary() -> None:
    said = summary_of(proposed().one("CarePlan"))

    assert said is not None
    assert said.single["category"] == "osteoporosis"


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"extension": [{"url": "https://other", "extension": []}]},
        a_plan(("t_score", "Observation/1|lumbar_spine||-2.7")),
        a_plan(("t_score", "Observation/1|elbow||-2.7|2026-11-10")),
        a_plan(("t_score", "Observation/1|lumbar_spine||low|2026-11-10")),
        a_plan(("t_score", "Observation/1|lumbar_spine||-2.7|yesterday")),
    ],
)
def test_a_summary_that_somebody_took_away_or_broke_says_nothing(plan: Json) -> None:
    assert summary_of(plan) is None
