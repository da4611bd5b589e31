"""Options after the guards, and which tier decides."""

from itertools import combinations

import pytest

from adapter.clinical.decision import NotOffered, Option, Treatment, TreatmentDecision, Why
from adapter.clinical.pathway.evaluation import grouped
from adapter.clinical.pathway.pathway_document import WrittenRule
from adapter.clinical.pathway.rules import Stage, Tier
from adapter.clinical.treat import offered_options, treatment
from adapter.clinical.value_kinds import ParameterValue
from tests.unit.clinical.small_pathways import a_rule, evaluation

OFFER = a_rule("offer", then={"offer": {"code": "oral", "drugs": ["one", "two"]}})


def options(*rules: WrittenRule) -> tuple[tuple[Option, ...], tuple[NotOffered, ...]]:
    fired = evaluation(*rules)
    guards, offers = fired.effects(Stage.GUARD), fired.effects(Stage.OFFER)["offer"]
    return offered_options(fired, grouped(offers), grouped(guards.get("remove", ())), guards.get("wait", ()))


def test_an_option_without_guards_is_firm_and_names_its_drugs() -> None:
    assert options(OFFER) == ((Option("oral", ("one", "two"), Why(("offer",))),), ())
    assert options(OFFER)[0][0].firm


def test_a_drug_that_a_guard_removes_leaves_the_others() -> None:
    guard = a_rule("guard", then={"remove": {"code": "one", "because": "kidney"}})

    assert options(OFFER, guard) == (
        (Option("oral", ("two",), Why(("offer",))),),
        (NotOffered("one", "kidney", Why(("guard",))),),
    )


def test_an_option_without_a_drug_left_is_not_shown_and_says_why() -> None:
    guards = (
        a_rule("g1", then={"remove": {"code": "one", "because": "kidney"}}),
        a_rule("g2", then={"remove": {"code": ["two", "one"], "because": "calcium"}}),
    )

    assert options(OFFER, *guards) == (
        (),
        (
            NotOffered("one", "kidney, calcium", Why(("g1", "g2"))),
            NotOffered("two", "calcium", Why(("g2",))),
            NotOffered("oral", "kidney, calcium", Why(("g1", "g2"))),
        ),
    )


def test_a_guard_without_a_reason_is_its_own_reason() -> None:
    assert options(OFFER, a_rule("g1", then={"remove": "one"}))[1] == (NotOffered("one", "g1", Why(("g1",))),)


def test_a_guard_against_another_drug_changes_nothing() -> None:
    assert options(OFFER, a_rule("g1", then={"remove": "three"})) == options(OFFER)


def test_two_rules_may_offer_the_same_option() -> None:
    other = a_rule("other", then={"offer": {"code": "oral", "drugs": ["two", "three"]}})

    (option,) = options(OFFER, other)[0]
    assert option == Option("oral", ("one", "two", "three"), Why(("offer", "other")))


def test_options_stand_in_the_order_of_the_pathway() -> None:
    rules = [a_rule(key, then={"offer": {"code": key, "drugs": [key]}}) for key in ("b", "a")]

    assert [option.code for option in options(*rules)[0]] == ["b", "a"]


@pytest.mark.parametrize(
    ("drugs", "waits"),
    [(None, True), ([], True), (["one"], True), (["two", "three"], True), (["three"], False)],
)
def test_a_missing_check_makes_the_option_wait_if_it_concerns_one_of_its_drugs(
    drugs: list[str] | None, waits: bool
) -> None:
    wait: dict[str, ParameterValue] = (
        {"code": "kidney"} if drugs is None else {"code": "kidney", "drugs": drugs}
    )

    (option,) = options(OFFER, a_rule("guard", then={"wait": wait}))[0]

    assert option.waits_for == (("kidney",) if waits else ())
    assert option.firm is not waits
    assert option.why.rules == (("offer", "guard") if waits else ("offer",))


def test_a_check_for_a_drug_that_is_gone_is_not_waited_for() -> None:
    guards = (
        a_rule("g1", then={"remove": "one"}),
        a_rule("g2", then={"wait": {"code": "kidney", "drugs": ["one"]}}),
    )

    assert options(OFFER, *guards)[0][0].firm


def test_checks_are_named_once_in_order() -> None:
    guards = (a_rule("g1", then={"wait": ["b", "a"]}), a_rule("g2", then={"wait": "b"}))

    (option,) = options(OFFER, *guards)[0]

    assert option.waits_for == ("b", "a")
    assert option.why.rules == ("offer", "g1", "g2")


def test_an_option_may_keep_its_drugs_to_itself() -> None:
    silent = a_rule("offer", then={"offer": {"code": "infusion", "drugs": ["one"], "name_drugs": False}})
    loud = a_rule("other", then={"offer": {"code": "infusion", "drugs": ["one"]}})

    assert options(silent)[0][0].drugs == ()
    assert options(silent, loud)[0][0].drugs == ()
    assert options(loud)[0][0].drugs == ("one",)
    assert options(silent, a_rule("g", then={"remove": "one"}))[0] == ()


# --- the tiers ----------------------------------------------------------------------------------------------

SHOWN = (Option("oral", ("one",), Why(("offer",))),)
GONE = (NotOffered("two", "kidney", Why(("guard",))),)
DECIDES = {
    Tier.BLOCKED: TreatmentDecision.BLOCKED,
    Tier.OVERRIDE: TreatmentDecision.CLINICIAN_DECIDES,
    Tier.CONTINUE: TreatmentDecision.CONTINUE,
    Tier.STOP: TreatmentDecision.CLINICIAN_DECIDES,
    Tier.PROPOSE: TreatmentDecision.PROPOSE,
    Tier.GAP: TreatmentDecision.CLINICIAN_DECIDES,
    Tier.NONE: TreatmentDecision.NONE,
}


def decided(*tiers: Tier) -> Treatment:
    fired = evaluation(*(a_rule(f"on_{tier}", then={"decision": tier.value}) for tier in tiers))
    return treatment(fired, fired.effects(Stage.DECISION), SHOWN, GONE)


@pytest.mark.parametrize("tier", Tier)
def test_what_each_tier_decides(tier: Tier) -> None:
    shown = SHOWN if tier is Tier.PROPOSE else ()

    assert decided(tier) == Treatment(DECIDES[tier], f"on_{tier}", Why((f"on_{tier}",)), shown, GONE)


@pytest.mark.parametrize(("first", "second"), list(combinations(Tier, 2)))
def test_the_earlier_tier_wins_whatever_the_order_of_the_rules(first: Tier, second: Tier) -> None:
    assert decided(second, first).basis == f"on_{first}"
    assert decided(first, second).decision is DECIDES[first]


def test_all_tiers_in_order() -> None:
    assert list(Tier) == list(DECIDES)


def test_several_rules_of_one_tier_stand_behind_it_and_the_first_is_its_basis() -> None:
    fired = evaluation(
        a_rule("A", then={"decision": "gap"}), a_rule("B", then={"decision": "stop"}), a_rule("C", then={"decision": "stop"})
    )  # fmt: skip

    found = treatment(fired, fired.effects(Stage.DECISION), (), ())

    assert (found.basis, found.why) == ("B", Why(("B", "C")))


def test_without_a_rule_nothing_is_to_decide() -> None:
    fired = evaluation()

    assert treatment(fired, fired.effects(Stage.DECISION), SHOWN, GONE) == Treatment(
        TreatmentDecision.NONE, "no_decision", Why(("no_decision",)), (), GONE
    )
