"""Building a pathway from documents: what overrides what, and every fault with its place."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Unpack

import pytest

from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.pathway.logic import Expression
from adapter.clinical.pathway.pathway import Pathway, assemble
from adapter.clinical.pathway.pathway_document import (
    PathwayDocument,
    PathwayFaults,
    RuleParts,
    Source,
    WrittenRule,
)
from adapter.clinical.pathway.rules import EFFECTS, Citation, Mode, Stage
from adapter.clinical.terms import VOCABULARY
from adapter.clinical.value_kinds import Parameters, ParameterValue, Place
from mappings.pathways import load
from tests.unit.clinical.small_pathways import OTHERWISE

READ: Parameters = {
    name: value for name, value in load("core").parameters.items() if name in CoreParameters.__required_keys__
}
BASE = PathwayDocument("base", "1.2.3", "Base", sources=(Source("leaflet", "A leaflet"),))


def a_rule(key: str = "R-1", mode: str = "deterministic", **parts: Unpack[RuleParts]) -> WrittenRule:
    return {"id": key, "mode": mode, "says": "Something", "then": {"flag": "seen"}, **parts}


def built(*documents: PathwayDocument) -> Pathway:
    """The documents, with the other rules and parameters that Python reads and these tests ignore."""
    first, *more = documents
    whole = replace(first, rules=(*first.rules, *OTHERWISE), parameters={**READ, **first.parameters})
    pathway = assemble([whole, *more], "f" * 16)
    named = {name for document in documents for name in document.parameters}
    return replace(
        pathway,
        rules=tuple(rule for rule in pathway.rules if not rule.otherwise),
        parameters={name: value for name, value in pathway.parameters.items() if name in named},
    )


def faults(*documents: PathwayDocument) -> list[tuple[str, Place, str]]:
    with pytest.raises(PathwayFaults) as found:
        built(*documents)
    return [(fault.document, fault.place, fault.message) for fault in found.value.faults]


def with_rules(*rules: WrittenRule, **more: Any) -> PathwayDocument:
    return replace(BASE, rules=rules, **more)


# --- what comes out -----------------------------------------------------------------------------------------


def test_a_pathway_knows_where_it_comes_from() -> None:
    own = PathwayDocument("own", "2.0.0", "Own", sources=(Source("letter", "A letter", "2026", "a note"),))

    pathway = built(BASE, own)

    assert (pathway.ref.id, pathway.ref.version, pathway.ref.title) == ("own", "2.0.0", "Own")
    assert pathway.ref.fingerprint == "f" * 16
    assert pathway.lineage == ("base 1.2.3", "own 2.0.0")
    assert set(pathway.sources) == {"leaflet", "letter"}
    assert pathway.sources["letter"] == Source("letter", "A letter", "2026", "a note")
    assert pathway.terms is VOCABULARY


def test_a_document_may_say_no_more_than_its_name() -> None:
    pathway = built(PathwayDocument("bare", "1.0.0", "Bare", sources=(Source("leaflet", "A leaflet"),)))

    assert (pathway.rules, pathway.parameters, pathway.definitions, pathway.off, pathway.texts) == (
        (),
        {},
        {},
        {},
        {},
    )
    assert (pathway.sources["leaflet"].published, pathway.sources["leaflet"].note) == ("", "")


def test_a_rule_is_carried_over_whole() -> None:
    raw = a_rule(
        mode="propose", topic="Talk", when="smoker", cite=[{"source": "leaflet", "lines": "3-4"}], then={"activity": "talk"}
    )  # fmt: skip

    (rule,) = built(with_rules(raw)).rules

    assert (rule.id, rule.mode, rule.says, rule.topic, rule.reason) == (
        "R-1",
        Mode.PROPOSE,
        "Something",
        "Talk",
        "",
    )
    assert rule.cite == (Citation("leaflet", "3-4"),)
    assert rule.when is not None
    assert rule.when.text == "smoker"
    assert rule.asks == {"smoker"}
    assert [(e.kind, e.code, dict(e.attributes), e.only_if) for e in rule.effects] == [
        ("activity", "talk", {}, None)
    ]
    assert rule.executable


@pytest.mark.parametrize("mode", ["deterministic", "propose", "information", "guard", "not_propagated"])
def test_a_mode_is_written_as_one_of_five_words(mode: str) -> None:
    assert built(with_rules(a_rule(mode=mode))).rules[0].mode == mode
    assert len(Mode) == 5


def test_a_rule_may_leave_out_what_it_says() -> None:
    (rule,) = built(with_rules({"id": "R-1", "mode": "guard", "then": {"flag": "seen"}})).rules

    assert (rule.says, rule.topic, rule.reason, rule.cite) == ("", "", "", ())


def test_a_statement_without_consequence_keeps_its_reason() -> None:
    (rule,) = built(with_rules(a_rule(then={}, reason="text only", mode="information"))).rules

    assert rule.reason == "text only"
    assert not rule.executable
    assert rule.when is None
    assert rule.asks == frozenset()
    assert rule.cite == ()
    assert rule.topic == ""


def test_effects_stand_in_their_stage_and_in_order() -> None:
    pathway = built(
        with_rules(
            a_rule("A", when="smoker", then={"flag": "one", "decision": "gap", "activity": ["two", "three"]}),
            a_rule("B", then={"flag": [{"code": "four", "detail": "x"}, {"code": "five", "if": "smoker"}]}),
        )
    )

    assert set(pathway.stages) == set(Stage)
    assert stage(pathway, Stage.DECISION) == {"decision": [("A", "gap")]}
    assert stage(pathway, Stage.PLAN) == {
        "flag": [("A", "one"), ("B", "four"), ("B", "five")],
        "activity": [("A", "two"), ("A", "three")],
    }
    assert stage(pathway, Stage.CLASS) == {}


ALWAYS = {kind for rule in OTHERWISE for kind in rule["then"]} - {"decision"}


def stage(pathway: Pathway, wanted: Stage) -> dict[str, list[tuple[str, str]]]:
    held = pathway.stages[wanted]({"smoker": True}, [])
    return {
        kind: [(f.rule.id, f.effect.code) for f in fired]
        for kind, fired in held.items()
        if kind not in ALWAYS
    }


OWN = PathwayDocument("own", "1.0.0", "Own", rules=OTHERWISE, parameters=READ)


def test_a_rule_that_holds_otherwise_gives_way_to_every_other_of_its_kind() -> None:
    pathway = assemble([with_rules(a_rule(when="smoker", then={"class": "normal"})), OWN], "f")

    def classes(smoker: bool | None) -> list[str]:
        return [f.effect.code for f in pathway.stages[Stage.CLASS]({"smoker": smoker}, [])["class"]]

    assert [classes(True), classes(False), classes(None)] == [
        ["normal"],
        ["indeterminate"],
        ["indeterminate"],
    ]


@pytest.mark.parametrize("kind", ["class", "route", "decision", "interim"])
def test_a_pathway_must_say_what_holds_otherwise(kind: str) -> None:
    for own in (
        replace(OWN, rules=tuple(r for r in OTHERWISE if kind not in r["then"])),
        replace(OWN, off={f"no_{kind}": "x"}),
    ):
        with pytest.raises(PathwayFaults, match=f"no rule with 'when: otherwise' for '{kind}'"):
            assemble([own], "f")


def test_it_knows_every_name_that_is_asked_wherever_that_stands() -> None:
    rule = a_rule(
        when="known(smoker)",
        then={"goal": {"code": "x", "low": "=bmi", "if": "falls > 1"}, "activity": {"code": "y", "details": {"z": "=age"}}},
    )  # fmt: skip

    assert set(built(with_rules(rule, define={"more": "coffee_cups > 3"})).asked) == {
        "smoker", "bmi", "falls", "age", "coffee_cups",
    }  # fmt: skip


def test_one_entry_may_name_several_codes() -> None:
    pathway = built(
        with_rules(a_rule(then={"remove": {"code": ["alendronate", "zoledronate"], "because": "kidney"}}))
    )
    effects = pathway.rules[0].effects

    assert [(e.code, e.attributes["because"]) for e in effects] == [
        ("alendronate", "kidney"),
        ("zoledronate", "kidney"),
    ]


def test_attributes_are_worked_out_at_once_from_parameters_and_later_from_facts() -> None:
    raw = a_rule(then={"goal": {"code": "out", "low": "=param.minutes", "unit": "min/d"}, "activity": {"code": "go", "details": {"how": "=age", "where": "out"}}})  # fmt: skip
    pathway = built(with_rules(raw, parameters={"minutes": 30}))
    goal, activity = pathway.rules[0].effects

    assert goal.attributes["low"] == 30
    assert goal.attributes["unit"] == "min/d"
    match activity.attributes["details"]:
        case {"how": Expression() as how, "where": "out"}:
            assert how({"age": 7}) == 7
        case other:
            raise AssertionError(other)


# --- overriding ---------------------------------------------------------------------------------------------


def test_a_later_document_overrides_a_parameter_and_keeps_the_rest_of_a_table() -> None:
    base = replace(BASE, parameters={"alcohol": {"advice": 1, "risk": 3}, "list": [1, 2], "kept": "x"})
    own = PathwayDocument(
        "own", "1.0.0", "Own", parameters={"alcohol": {"risk": 2}, "list": [3], "new": {"a": 1}}
    )

    assert built(base, own).parameters == {
        "alcohol": {"advice": 1, "risk": 2}, "list": [3], "kept": "x", "new": {"a": 1},
    }  # fmt: skip


def test_a_parameter_may_be_unset_and_set_again() -> None:
    base = replace(BASE, parameters={"one": 1, "two": {"a": 1}, "three": None})
    own = PathwayDocument("own", "1.0.0", "Own", parameters={"one": None, "two": None, "three": {"b": 2}})

    assert built(base, own).parameters == {"one": None, "two": None, "three": {"b": 2}}


def test_a_parameter_keeps_its_kind_through_all_documents() -> None:
    own = PathwayDocument("own", "1.0.0", "Own", parameters={"one": "x", "table": {"a": {"b": 1}}})
    last = PathwayDocument("last", "1.0.0", "Last", parameters={"new": 1, "table": {"a": {"b": True}}})

    assert faults(replace(BASE, parameters={"one": 1}), own, last) == [
        ("own", ("parameters", "one"), "'one' is a text, and a number is wanted"),
        ("last", ("parameters", "table", "a", "b"), "'b' is true or false, and a number is wanted"),
    ]


def test_a_later_rule_takes_the_place_of_one_with_the_same_id() -> None:
    base = with_rules(a_rule("A"), a_rule("B"))
    own = PathwayDocument("own", "1.0.0", "Own", rules=(a_rule("A", then={"flag": "other"}), a_rule("C")))

    pathway = built(base, own)

    assert [rule.id for rule in pathway.rules] == ["A", "B", "C"]
    assert pathway.rules[0].effects[0].code == "other"


def test_a_rule_switched_off_stays_on_the_list_and_does_nothing() -> None:
    own = PathwayDocument("own", "1.0.0", "Own", off={"A": "not here"})

    pathway = built(with_rules(a_rule("A"), a_rule("B")), own)

    assert [rule.id for rule in pathway.rules] == ["A", "B"]
    assert pathway.off == {"A": "not here"}
    assert stage(pathway, Stage.PLAN) == {"flag": [("B", "seen")]}


def test_texts_are_merged_language_by_language() -> None:
    base = replace(BASE, texts={"nl": {"a": "een", "b": "twee"}, "en": {"a": "one"}})
    own = PathwayDocument("own", "1.0.0", "Own", texts={"nl": {"b": "anders"}})

    assert built(base, own).texts == {"nl": {"a": "een", "b": "anders"}, "en": {"a": "one"}}


@pytest.mark.parametrize(("place", "number"), [("east", "1"), ("west", "2"), (None, "0"), ("elsewhere", "0")])
def test_a_parameter_may_be_chosen_from_a_table(place: str | None, number: str) -> None:
    parameters = {
        "numbers": {"main": "0", "east": "1", "west": "2"},
        "place": place,
        "number": {"choose": "numbers", "by": "place", "otherwise": "main"},
    }

    assert built(replace(BASE, parameters=parameters)).parameters["number"] == number


def test_choosing_from_nothing_gives_nothing() -> None:
    chosen = {"number": {"choose": "numbers", "by": "place", "otherwise": "main"}}

    assert built(replace(BASE, parameters=chosen)).parameters["number"] is None
    assert built(replace(BASE, parameters={"t": {"choose": 1, "by": 2}})).parameters["t"] == {
        "choose": 1,
        "by": 2,
    }


# --- definitions --------------------------------------------------------------------------------------------


def test_definitions_may_use_each_other_in_any_order() -> None:
    document = with_rules(
        a_rule(when="outer"), define={"outer": "inner and smoker", "inner": "bmi > param.limit"}, parameters={"limit": 64}
    )  # fmt: skip

    pathway = built(document)

    assert set(pathway.definitions) == {"outer", "inner"}
    assert pathway.rules[0].asks == {"bmi", "smoker"}
    assert pathway.definitions["inner"]({"bmi": Decimal(65)}) is True


def test_a_later_definition_of_a_name_wins() -> None:
    own = PathwayDocument("own", "1.0.0", "Own", define={"risk": "age > 70"})

    assert built(replace(BASE, define={"risk": "smoker"}), own).definitions["risk"].text == "age > 70"


def test_a_name_inside_another_word_is_not_a_use_of_it() -> None:
    define = {"age_high": "age > 70", "high": "age_high"}

    assert set(built(replace(BASE, define=define)).definitions) == {"age_high", "high"}


def test_definitions_in_a_circle_are_a_fault_of_each() -> None:
    circle = {"one": "two", "two": "three", "three": "one", "well": "smoker", "hangs_on": "one"}

    assert faults(replace(BASE, define=circle)) == [
        ("base", ("define", name), f"{name!r} is defined by itself, in a circle")
        for name in ("one", "two", "three", "hangs_on")
    ]


def test_a_definition_may_not_take_the_name_of_a_fact() -> None:
    assert faults(replace(BASE, define={"age": "smoker"}))[0] == (
        "base", ("define", "age"), "'age' is already a fact of the vocabulary",
    )  # fmt: skip


def test_the_fault_of_a_definition_is_told_where_it_stands() -> None:
    own = PathwayDocument("own", "1.0.0", "Own", define={"bad": "smokr"})

    assert faults(BASE, own) == [("own", ("define", "bad"), "unknown fact 'smokr'; did you mean smoker?")]


# --- faults of rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        (a_rule(then={}), ("rules", 0), "rule R-1 needs 'then', or a 'reason' why nothing follows"),
        (a_rule(when="smokr"), ("rules", 0, "when"), "unknown fact 'smokr'; did you mean smoker?"),
        (a_rule(when="age > param.x"), ("rules", 0, "when"), "unknown parameter 'param.x'"),
        (a_rule(then={"flag": {"code": "x", "low": 3}}), ("rules", 0, "then", "flag"), "flag takes no ['low']; allowed: ['detail']"),
        (a_rule(then={"interim": {"code": "x", "low": 3}}), ("rules", 0, "then", "interim"), "interim takes no ['low']; allowed: none but code"),
        (a_rule(then={"class": "thin"}), ("rules", 0, "then", "class"), "'thin' is no class; allowed: indeterminate, normal, not_classifiable_by_t_score, osteopenia, osteoporosis"),
        (a_rule(then={"route": "guess"}), ("rules", 0, "then", "route"), "'guess' is no route; allowed: dxa_t_score, high_fracture_risk, low_energy_fracture, none, recorded_diagnosis"),
        (a_rule(then={"decision": "never"}), ("rules", 0, "then", "decision"), "'never' is no decision; allowed: blocked, continue, gap, none, override, propose, stop"),
        (a_rule(then={"flag": {"detail": "x"}}), ("rules", 0, "then", "flag"), "None is no flag; allowed: "),
        (a_rule(then={"flag": 3}), ("rules", 0, "then", "flag"), "3 is no flag; allowed: "),
        (a_rule(then={"flag": {"code": "x", "if": "smokr"}}), ("rules", 0, "then", "flag"), "unknown fact 'smokr'; did you mean smoker?"),
        (a_rule(then={"goal": {"code": "x", "low": "=agee"}}), ("rules", 0, "then", "goal"), "unknown fact 'agee'; did you mean age?"),
        (a_rule(then={"goal": {"code": "x", "low": "30"}}), ("rules", 0, "then", "goal"), "'low' is a text, and a number is wanted"),
        (a_rule(then={"goal": {"code": "x", "unit": 3}}), ("rules", 0, "then", "goal"), "'unit' is a number, and a text is wanted"),
        (a_rule(then={"wait": {"code": "x", "drugs": "alendronate"}}), ("rules", 0, "then", "wait"), "'drugs' is a text, and a list is wanted"),
        (a_rule(then={"wait": {"code": "x", "drugs": [1]}}), ("rules", 0, "then", "wait"), "entry 1 is a number, and a text is wanted"),
        (a_rule(then={"offer": {"code": "x", "drugs": ["y"], "name_drugs": "no"}}), ("rules", 0, "then", "offer"), "'name_drugs' is a text, and true or false is wanted"),
        (a_rule(then={"follow_up": {"code": "x", "months": True}}), ("rules", 0, "then", "follow_up"), "'months' is true or false, and a number is wanted"),
        (a_rule(then={"follow_up": {"code": "x", "from": "soon"}}), ("rules", 0, "then", "follow_up"), "'from' is a text, and a day is wanted"),
        (a_rule(then={"activity": {"code": "x", "details": "why"}}), ("rules", 0, "then", "activity"), "'details' is a text, and a table is wanted"),
        (a_rule(then={"activity": {"code": "x", "details": {"drugs": ["y"]}}}), ("rules", 0, "then", "activity"), "'drugs' is a list, and true or false or a number or a text or a day is wanted"),
        (a_rule(cite=[{"source": "rumour"}]), ("rules", 0, "cite"), "no source 'rumour'; known: ['leaflet']"),
        (a_rule(when='bmd_class == "normal"', then={"class": "normal"}), ("rules", 0, "when"), "bmd_class is decided later than this rule (CLASS)"),
        (a_rule(when='decision == "none"', then={"offer": {"code": "x", "drugs": ["y"]}}), ("rules", 0, "when"), "decision is decided later than this rule (OFFER)"),
        (a_rule(when="removed_drugs == offers", then={"remove": "x"}), ("rules", 0, "when"), "offers, removed_drugs is decided later than this rule (GUARD)"),
        (a_rule(then={"decision": {"code": "stop", "if": 'decision == "none"'}}), ("rules", 0, "then", "decision"), "decision is decided later than this rule (DECISION)"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_told_with_its_place_and_what_is_allowed(
    rule: WrittenRule, place: Place, message: str
) -> None:
    assert faults(with_rules(rule)) == [("base", place, message)]


def test_an_unknown_effect_is_told_with_all_that_there_are() -> None:
    assert faults(with_rules(a_rule(then={"flags": "x", "flag": "y"}))) == [
        (
            "base",
            ("rules", 0, "then", "flags"),
            f"unknown effect 'flags'; allowed: {', '.join(EFFECTS)}",
        )
    ]


def test_a_fact_without_a_resource_of_its_own_is_not_asked_for_evidence() -> None:
    assert built(with_rules(a_rule(when="age > 50 and female and smoker"))).rules[0].asks == {"smoker"}


def test_what_a_stage_settled_is_asked_for_evidence() -> None:
    document = with_rules(a_rule(when="well and smoker"), define={"well": 'bmd_class == "normal"'})

    assert built(document).rules[0].asks == {"bmd_class", "smoker"}


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("bmd_class", "route"), ("diagnosis", "remove"), ("routes", "remove"), ("removed_drugs", "offer"),
        ("offers", "decision"), ("offers_left", "decision"), ("decision", "flag"), ("options", "flag"), ("option_drugs", "flag"),
    ],
)  # fmt: skip
def test_a_settled_name_may_be_used_from_the_stage_after_it(name: str, first: str) -> None:
    code = {"route": "dxa_t_score", "decision": "gap"}.get(first, "x")
    then: dict[str, ParameterValue] = {first: {"code": code, "drugs": ["y"]} if first == "offer" else code}

    assert built(with_rules(a_rule(when=f"known({name})", then=then))).rules[0].executable


def test_a_definition_is_as_late_as_the_latest_name_in_it() -> None:
    late = {"shown": 'decision == "propose"', "more": "shown and smoker"}

    assert faults(with_rules(a_rule(when="more", then={"decision": "gap"}), define=late)) == [
        ("base", ("rules", 0, "when"), "more is decided later than this rule (DECISION)")
    ]


def test_a_rule_decides_as_early_as_its_earliest_effect() -> None:
    rule = a_rule(when='bmd_class == "normal"', then={"flag": "x", "class": "normal"})

    assert faults(with_rules(rule))[0][2] == "bmd_class is decided later than this rule (CLASS)"


def test_the_same_id_twice_in_one_document_is_a_fault() -> None:
    assert faults(with_rules(a_rule("A"), a_rule("A"))) == [
        ("base", ("rules", 1, "id"), "rule A stands here twice")
    ]


def test_only_a_rule_that_exists_can_be_switched_off() -> None:
    assert faults(with_rules(a_rule("A"), off={"B": "gone"})) == [
        ("base", ("off", "B"), "no rule 'B' to switch off")
    ]


def test_all_faults_come_at_once() -> None:
    own = PathwayDocument(
        "own", "1.0.0", "Own", rules=(a_rule("X", then={}), a_rule("Y", cite=[{"source": "rumour"}]))
    )
    document = with_rules(a_rule("A", when="smokr"))

    with pytest.raises(PathwayFaults) as found:
        built(document, own)
    assert [fault.document for fault in found.value.faults] == ["base", "own", "own"]
    assert str(found.value) == (
        "base: rules/0/when: unknown fact 'smokr'; did you mean smoker?; "
        "own: rules/0: rule X needs 'then', or a 'reason' why nothing follows; "
        "own: rules/1/cite: no source 'rumour'; known: ['leaflet']"
    )


def test_a_choice_without_the_names_of_its_table_and_of_what_chooses_is_a_fault() -> None:
    document = replace(BASE, parameters={"phone": {"choose": 3, "by": "place", "otherwise": "main"}})

    assert faults(document) == [
        (
            "base",
            ("parameters", "phone"),
            "'phone' is to be chosen from a table by a parameter: 'choose' and 'by' name them",
        )
    ]


def test_a_core_parameter_of_another_kind_is_told_once() -> None:
    later = replace(BASE, id="later", parameters={"early_menopause_below": "forty"})

    told = [place for _, place, _ in faults(with_rules(a_rule()), later)]

    assert told == [("parameters", "early_menopause_below")]
