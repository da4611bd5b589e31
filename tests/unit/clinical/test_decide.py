"""The whole decision over a few rules: what each stage hands to the next."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from adapter.clinical import Decision, decide
from adapter.clinical.decision import (
    Category,
    Classification,
    Diagnosis,
    DiagnosisStatus,
    Handover,
    NotOffered,
    Option,
    Route,
    TreatmentDecision,
    Why,
)
from adapter.clinical.model import BoneRecord, Lifestyle, Reason, Rejected, Side, Site
from adapter.clinical.pathway.pathway_document import WrittenRule
from tests.factories import SPINE, TODAY, a_bone_record, a_rejected, a_t_score
from tests.unit.clinical.small_pathways import a_pathway, a_rule, without_otherwise

SMOKER = replace(a_bone_record(), lifestyle=Lifestyle(smoker=True), evidence=(("smoker", "O/smoker"),))


def decided(*rules: WrittenRule, record: BoneRecord | None = None, **more: Any) -> Decision:
    return decide(record or a_bone_record(), a_pathway(*rules, **more), TODAY)


def classes(*codes: str) -> list[WrittenRule]:
    return [a_rule(f"to_{code}", when="t_score_usable", then={"class": code}) for code in codes]


# --- class --------------------------------------------------------------------------------------------------

LAST_TO_STAND_FIRST = [Category.NORMAL, Category.OSTEOPENIA, Category.INDETERMINATE, Category.OSTEOPOROSIS, Category.NOT_CLASSIFIABLE]  # fmt: skip


@pytest.mark.parametrize(("yields", "stands"), list(pairwise(LAST_TO_STAND_FIRST)))
def test_of_two_classes_the_less_reassuring_stands(yields: Category, stands: Category) -> None:
    for codes in ((yields, stands), (stands, yields)):
        found = decided(*classes(*codes)).classification
        assert found.category is stands
        assert found.why.rules == (f"to_{stands}",)


@pytest.mark.parametrize("category", Category)
def test_only_a_who_class_has_a_deciding_score(category: Category) -> None:
    record = a_bone_record()
    found = decided(*classes(category), record=record).classification

    by_score = category in (Category.NORMAL, Category.OSTEOPENIA, Category.OSTEOPOROSIS)
    assert found.deciding == (record.t_scores[0] if by_score else None)
    assert found.study == record.t_scores
    assert SPINE in found.why.evidence


def test_without_a_rule_there_is_no_class() -> None:
    assert decided(record=BoneRecord()).classification == Classification(
        Category.INDETERMINATE, Why(("no_class",))
    )


# --- diagnosis ----------------------------------------------------------------------------------------------


def test_without_a_route_there_is_no_diagnosis() -> None:
    assert decided().diagnosis == Diagnosis(DiagnosisStatus.NONE, Why(("no_route",)))


def test_routes_are_provisional_and_stand_in_a_fixed_order() -> None:
    rules = [
        a_rule(route, then={"route": route})
        for route in ("high_fracture_risk", "dxa_t_score", "low_energy_fracture")
    ]

    assert decided(*rules).diagnosis == Diagnosis(
        DiagnosisStatus.PROVISIONAL,
        Why(("high_fracture_risk", "dxa_t_score", "low_energy_fracture")),
        (Route.LOW_ENERGY_FRACTURE, Route.DXA_T_SCORE, Route.HIGH_FRACTURE_RISK),
    )


def test_blocked_wins_and_clears_the_routes() -> None:
    rules = (a_rule("route", then={"route": "dxa_t_score"}), a_rule("block", then={"block": "other_cause"}))

    assert decided(*rules).diagnosis == Diagnosis(DiagnosisStatus.BLOCKED, Why(("block",)))


# --- what one stage tells the next --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ('bmd_class == "osteoporosis"', True),
        ('diagnosis == "provisional"', True),
        ('"dxa_t_score" in routes', True),
        ('"high_fracture_risk" in routes', False),
        ('"one" in removed_drugs', True),
        ('"two" in removed_drugs', False),
        ('"oral" in offers', True),
        ('"gone" in offers', True),
        ("offers_left == 1", True),
        ('decision == "propose"', True),
        ('"oral" in options', True),
        ('"gone" in options', False),
        ('"two" in option_drugs', True),
        ('"one" in option_drugs', False),
        ('"three" in option_drugs', False),
    ],
)
def test_later_rules_see_what_earlier_stages_settled(when: str, holds: bool) -> None:
    decision = decided(
        *classes("osteoporosis"),
        a_rule("route", then={"route": "dxa_t_score"}),
        a_rule("guard", then={"remove": {"code": ["one", "three"], "because": "kidney"}}),
        a_rule("offer", then={"offer": [{"code": "oral", "drugs": ["one", "two"]}, {"code": "gone", "drugs": ["three"]}]}),
        a_rule("propose", then={"decision": "propose"}),
        a_rule("ask", when=when, then={"flag": "seen"}),
    )  # fmt: skip

    assert [flag.code for flag in decision.flags] == (["seen"] if holds else [])
    assert decision.treatment.options == (Option("oral", ("two",), Why(("offer",))),)
    assert decision.not_proposed == (
        NotOffered("one", "kidney", Why(("guard",))),
        NotOffered("three", "kidney", Why(("guard",))),
        NotOffered("gone", "kidney", Why(("guard",))),
    )
    assert decision.treatment.not_offered == decision.not_proposed


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ('bmd_class == "indeterminate"', True),
        ('diagnosis == "none"', True),
        ('"dxa_t_score" in routes', False),
        ('"oral" in offers', False),
        ("offers_left == 0", True),
        ('decision == "none"', True),
        ('"oral" in options', False),
        ('"one" in option_drugs', False),
        ('"one" in removed_drugs', False),
    ],
)
def test_where_nothing_was_settled_that_is_known_too(when: str, holds: bool) -> None:
    decision = decided(a_rule("ask", when=when, then={"flag": "seen"}), record=BoneRecord())

    assert bool(decision.flags) is holds
    assert decision.not_proposed == ()


def test_drugs_of_an_option_that_does_not_name_them_are_known_to_the_plan() -> None:
    decision = decided(
        a_rule("offer", then={"offer": {"code": "infusion", "drugs": ["one"], "name_drugs": False}}),
        a_rule("propose", then={"decision": "propose"}),
        a_rule("ask", when='"one" in option_drugs', then={"flag": "seen"}),
    )

    assert decision.treatment.options[0].drugs == ()
    assert [flag.code for flag in decision.flags] == ["seen"]


def test_options_are_shown_only_with_a_proposal() -> None:
    decision = decided(
        a_rule("offer", then={"offer": {"code": "oral", "drugs": ["one"]}}),
        a_rule("stop", then={"decision": "stop"}),
        a_rule("ask", when='"one" in option_drugs or "oral" in options', then={"flag": "seen"}),
    )

    assert decision.treatment.decision is TreatmentDecision.CLINICIAN_DECIDES
    assert decision.treatment.options == ()
    assert decision.flags == ()


def test_guards_are_not_asked_where_no_drug_is_in_question() -> None:
    guard = a_rule("guard", then={"remove": "one"})

    assert without_otherwise(decided(guard).rules_fired) == ()
    asked = decided(guard, a_rule("ask", when='"one" in removed_drugs', then={"flag": "x"}))
    assert without_otherwise(asked.rules_fired) == ("guard", "ask")


def test_a_later_output_rests_on_what_the_class_and_the_decision_rested_on() -> None:
    decision = decided(
        a_rule("class", when="t_score_usable", then={"class": "normal"}),
        a_rule("route", when="smoker", then={"route": "dxa_t_score"}),
        a_rule("gap", when="smoker", then={"decision": "gap"}),
        a_rule("of_class", when='bmd_class == "normal"', then={"flag": "a"}),
        a_rule("of_diagnosis", when='diagnosis == "provisional"', then={"flag": "b"}),
        a_rule("of_routes", when='"dxa_t_score" in routes', then={"flag": "c"}),
        a_rule("of_decision", when='decision == "clinician_decides"', then={"flag": "d"}),
        record=SMOKER,
    )
    of_class, *others = (flag.why.evidence for flag in decision.flags)

    assert SPINE in of_class
    assert others == [("O/smoker",)] * 3


# --- the rest of the decision -------------------------------------------------------------------------------


def test_a_decision_says_under_which_pathway_on_which_day_and_at_what_age() -> None:
    decision = decided()

    assert (decision.pathway.id, decision.pathway.version, decision.on, decision.age) == (
        "small",
        "1.0.0",
        TODAY,
        70,
    )


def test_the_letter_goes_where_and_when_the_pathway_says() -> None:
    parameters = {"handover_recipient": "referrer", "handover_trigger": "report_to_referrer"}

    assert decided(parameters=parameters).handover == Handover(
        "referrer", "report_to_referrer", False, Why(("no_interim",))
    )


def test_a_safety_item_offers_an_interim_letter() -> None:
    rules = (
        a_rule("item", when="smoker", then={"interim": "safety_item"}),
        a_rule("say", then={"statement": "hello"}),
    )
    handover = decided(*rules, record=SMOKER).handover

    assert handover.interim_release_offered is True
    assert handover.why == Why(("item",), ("O/smoker",))
    assert handover.statements == (("hello", ""),)


def test_what_is_unknown_is_named_once() -> None:
    rules = (a_rule("A", then={"unknown": ["vfa", "frax"]}), a_rule("B", then={"unknown": "vfa"}))

    assert decided(*rules).unknown == ("vfa", "frax")


@pytest.mark.parametrize(("smoker", "warranted"), [(True, True), (False, False), (None, False)])
def test_a_plan_is_warranted_only_where_the_pathway_says_so(smoker: bool | None, warranted: bool) -> None:
    record = replace(a_bone_record(), lifestyle=Lifestyle(smoker=smoker))

    assert decided(record=record).warranted is warranted


def test_everything_that_held_is_in_the_trace_in_order() -> None:
    rules = (
        a_rule("plan", then={"flag": "x"}),
        *classes("normal"),
        a_rule("silent", when="smoker", then={"flag": "y"}),
        a_rule("gap", then={"decision": "gap"}),
        a_rule("route", then={"route": "dxa_t_score"}),
    )

    assert without_otherwise(decided(*rules).rules_fired) == ("plan", "to_normal", "gap", "route")


def test_refused_inputs_are_kept_in_an_order_of_their_own() -> None:
    inputs = [
        a_rejected(Reason.UNIT_MISMATCH),
        a_rejected(site=Site.TOTAL_HIP),
        a_rejected(on=None),
        a_rejected(side=Side.LEFT),
        a_rejected(concerns="condition"),
        a_rejected(evidence="a"),
        a_rejected(on=date(2020, 1, 1)),
        a_rejected(),
    ]

    def kept(rejected: list[Rejected]) -> tuple[Rejected, ...]:
        return decided(record=replace(a_bone_record(), rejected=tuple(rejected))).rejected

    assert kept(inputs) == kept(inputs[::-1])
    assert set(kept(inputs)) == set(inputs)
    assert kept(inputs)[0] == a_rejected(concerns="condition")
    assert kept(inputs).index(a_rejected(on=None)) < kept(inputs).index(a_rejected(on=date(2020, 1, 1)))


def test_deciding_needs_nothing_at_all() -> None:
    decision = decided(record=BoneRecord())

    assert decision.age is None
    assert decision.treatment.decision is TreatmentDecision.NONE


def test_every_kind_of_output_reaches_the_decision() -> None:
    decision = decided(
        a_rule(
            then={
                "goal": {"code": "a", "low": 1},
                "activity": "b",
                "follow_up": "c",
                "flag": "d",
                "computed": {"code": "e", "value": 2},
            }
        )
    )

    codes = [item.code for group in (decision.goals, decision.activities, decision.follow_ups, decision.flags) for item in group]  # fmt: skip
    assert codes == ["a", "b", "c", "d"]
    assert dict(decision.computed) == {"e": 2}


def test_a_score_alone_decides_nothing_without_a_rule() -> None:
    assert (
        decided(record=a_bone_record(t_scores=(a_t_score(),))).classification.category
        is Category.INDETERMINATE
    )
