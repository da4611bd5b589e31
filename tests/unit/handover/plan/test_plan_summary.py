"""A plan carries what it says, so that a correction can name what changed without the ledger."""

from datetime import date

import pytest

from adapter.clinical.model import Fracture, FractureSite, Listing, Side, Site
from adapter.input.wire_json import Json
from mappings.handover.plan.plan_summary import SUMMARY, as_extension, summary, summary_of
from tests.factories import (
    NECK,
    a_bone_record,
    a_classification,
    a_decision,
    a_flag,
    a_not_offered,
    a_t_score,
    a_treatment,
    an_option,
)
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


def test_of_the_flags_only_a_contraindication_is_a_warning() -> None:
    flags = (a_flag("contraindicated", detail="raloxifene"), a_flag("renal_function_missing"))

    said = summary(a_decision(flags=flags), a_bone_record())

    assert said.several["warning"] == (flags[0].name,)


def test_each_of_what_a_plan_says_stands_once_and_in_order() -> None:
    options = (an_option("b"), an_option("a"), an_option("b"))
    gone = (a_not_offered("z"), a_not_offered("y"))
    treatment = a_treatment(options=options, not_offered=gone)

    said = summary(a_decision(treatment=treatment, not_proposed=(a_not_offered("x"),)), a_bone_record())

    assert said.several["option"] == ("a", "b")
    assert said.several["excluded"] == ("x:male", "y:male", "z:male")
    assert said.several["activity"] == ("lifestyle_advice",)


def test_a_fracture_without_a_day_or_a_source_says_what_is_known_of_it() -> None:
    broken = (
        Fracture(FractureSite.HIP, date(2026, 9, 15), evidence="Condition/hip/_history/2"),
        Fracture(FractureSite.WRIST, evidence="Condition/wrist"),
        Fracture(FractureSite.TOE),
    )
    said = summary(a_decision(), a_bone_record(fractures=Listing(broken)))

    assert said.fractures == {"Condition/hip": "hip|2026-09-15", "Condition/wrist": "wrist|"}


def test_its_repr_shows_nothing_of_the_patient() -> None:
    shown = repr(summary(a_decision(), a_bone_record()))

    assert shown == "PlanSummary()"


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
