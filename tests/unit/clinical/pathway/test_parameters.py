"""The numbers of a pathway: layered, chosen, and each keeping its kind."""

from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.pathway.parameters import (
    chosen,
    merged,
    mismatches,
    settings_faults,
    unusable_choices,
)
from adapter.clinical.value_kinds import Parameters


def test_later_layers_win_and_tables_are_merged() -> None:
    layers: list[dict[str, Any]] = [
        {"a": 1, "t": {"x": 1, "deep": {"p": 1}}, "list": [1, 2]},
        {"t": {"y": 2, "deep": {"q": 2}}, "list": [3]},
        {"a": 3},
    ]

    assert merged(*layers) == {"a": 3, "t": {"x": 1, "deep": {"p": 1, "q": 2}, "y": 2}, "list": [3]}
    assert layers[0]["t"] == {"x": 1, "deep": {"p": 1}}
    assert merged() == {}


def test_a_table_over_nothing_and_nothing_over_a_table() -> None:
    assert merged({"a": None}, {"a": {"x": 1}}) == {"a": {"x": 1}}
    assert merged({"a": {"x": 1}}, {"a": None}) == {"a": None}


CHOICE = {"choose": "numbers", "by": "place", "otherwise": "main"}


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        ({"numbers": {"main": "0", "east": "1"}, "place": "east"}, "1"),
        ({"numbers": {"main": "0", "east": "1"}, "place": "west"}, "0"),
        ({"numbers": {"main": "0", "east": "1"}, "place": None}, "0"),
        ({"numbers": {"main": "0"}}, "0"),
        ({"numbers": {"east": "1"}, "place": "west"}, None),
        ({"numbers": None, "place": "east"}, None),
        ({}, None),
    ],
)
def test_a_choice_becomes_the_entry_of_the_table(parameters: dict[str, Any], number: str | None) -> None:
    given = parameters | {"number": CHOICE}

    assert chosen(given) == parameters | {"number": number}
    assert given["number"] is CHOICE


def test_only_the_three_words_together_are_a_choice() -> None:
    tables: Parameters = {"a": {"choose": "b", "by": "c"}, "b": {**CHOICE, "more": 1}, "c": "choose"}

    assert chosen(tables) == tables


def found(
    earlier: dict[str, Any], later: dict[str, Any], *, closed: bool = False
) -> list[tuple[tuple[object, ...], str]]:
    return list(mismatches(earlier, later, closed=closed))


KINDS: dict[str, list[object]] = {
    "true or false": [True, False],
    "a number": [1, Decimal("1.5"), 0],
    "a text": ["x", ""],
    "a list": [[1], (1,), []],
    "a table": [{"x": 1}],
}
PAIRS = [(one, other) for one in KINDS for other in KINDS if one != other]


@pytest.mark.parametrize(("wanted", "given"), PAIRS)
def test_a_value_of_another_kind_is_refused(wanted: str, given: str) -> None:
    for before in KINDS[wanted]:
        for after in KINDS[given]:
            assert found({"a": before}, {"a": after}) == [(("a",), f"'a' is {given}, and {wanted} is wanted")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_the_same_kind_or_none_is_welcome(kind: str) -> None:
    for before in KINDS[kind]:
        for after in (*KINDS[kind], None, CHOICE):
            assert found({"a": before}, {"a": after}) == []
        assert found({"a": None}, {"a": before}) == []
        assert found({}, {"a": before}) == []
        assert found({"a": CHOICE}, {"a": before}) == []


def test_the_place_of_a_mismatch_goes_down_into_the_tables() -> None:
    before: dict[str, Any] = {"t": {"deep": {"x": 1, "y": 2}}, "a": "x"}

    assert found(before, {"t": {"deep": {"x": "1", "y": 3, "z": 0}}, "a": 1}) == [
        (("t", "deep", "x"), "'x' is a text, and a number is wanted"),
        (("a",), "'a' is a number, and a text is wanted"),
    ]


def test_a_closed_table_refuses_new_names_at_the_top_and_says_what_there_is() -> None:
    before: dict[str, Any] = {"b": 1, "a": {"x": 1}}

    assert found(before, {"c": 1, "a": {"y": 1}}, closed=True) == [(("c",), "no parameter 'c'; known: a, b")]
    assert found(before, {"c": 1}) == []


def test_faults_of_settings_are_sentences() -> None:
    layers: list[dict[str, Any]] = [{"a": 1, "t": {"x": 1}}, {"b": "x"}]

    assert settings_faults(layers, {"t": {"x": "y"}, "b": 1, "zz": 0}) == [
        "t.x: 'x' is a text, and a number is wanted",
        "b: 'b' is a number, and a text is wanted",
        "zz: no parameter 'zz'; known: a, b, t",
    ]
    assert settings_faults(layers, {"a": 2}) == []
    layers.append({"handover_recipient": "referrer"})
    assert settings_faults(layers, {"handover_recipient": "gp"}) == [
        "handover_recipient: 'gp' is not allowed; allowed: general_practitioner, referrer"
    ]


@pytest.mark.parametrize(
    "others", [{"table": 5, "by": "x"}, {"table": {"x": 1}, "by": ["x"]}, {"table": {"x": 1}, "by": {"x": 1}}]
)
def test_a_choice_among_nothing_or_by_nothing_says_what_it_needs(others: Parameters) -> None:
    written: Parameters = {"number": {"choose": "table", "by": "by", "otherwise": None}, **others}

    ((name, message),) = unusable_choices(written)

    assert (name, message[:33]) == ("number", "'number' is to be chosen from a t")
