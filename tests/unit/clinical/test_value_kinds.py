"""Plain data held against an annotation: what fits, and what is told of what does not."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict, get_type_hints

import pytest

from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.value_kinds import Misfit, Number, Scalar, fits, misfits
from tests.unit.clinical.questions import general_parameters


class Limits(TypedDict, total=False):
    low: Number


class Table(TypedDict):
    name: str
    limits: Mapping[str, Limits] | None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, bool), (3, int), (3, Number), (Decimal("3.0"), Number), ("x", str), (date(2026, 1, 1), date),
        (None, Number | None), (3, Number | None), ([1, 2], Sequence[int]), ((), Sequence[str]),
        ({"a": 1}, Mapping[str, Number]), ({}, Mapping[str, str]), ("a", Literal["a", "b"]), ("x", Scalar),
        ({"name": "x", "limits": None}, Table), ({"name": "x", "limits": {"a": {}, "b": {"low": 1}}}, Table),
        ({"name": "x", "limits": {}, "more": 1}, Table),
    ],
)  # fmt: skip
def test_what_fits(value: object, kind: object) -> None:
    assert misfits(value, kind, ("it",)) == []


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, Number, [(("it",), "'it' is true or false, and a number is wanted")]),
        (1, bool, [(("it",), "'it' is a number, and true or false is wanted")]),
        ("3", Number, [(("it",), "'it' is a text, and a number is wanted")]),
        (None, Number, [(("it",), "'it' is not set, and a number is wanted")]),
        (1.5, Number, [(("it",), "'it' is no plain value, and a number is wanted")]),
        ("ab", Sequence[str], [(("it",), "'it' is a text, and a list is wanted")]),
        ([1, "x"], Sequence[int], [(("it", 1), "entry 2 is a text, and a number is wanted")]),
        ([], Mapping[str, int] | None, [(("it",), "'it' is a list, and a table is wanted")]),
        ({"a": "x"}, Mapping[str, Number] | None, [(("it", "a"), "'a' is a text, and a number is wanted")]),
        ("c", Literal["a", "b"], [(("it",), "'c' is not allowed; allowed: a, b")]),
        (["a"], Literal["a", "b"], [(("it",), "['a'] is not allowed; allowed: a, b")]),
        (3, Sequence[str] | Mapping[str, str], [(("it",), "'it' is a number, and a list or a table is wanted")]),
        ("x", Table, [(("it",), "'it' is a text, and a table is wanted")]),
        (
            {"limits": {"a": {"low": "x"}}},
            Table,
            [
                (("it", "limits", "a", "low"), "'low' is a text, and a number is wanted"),
                (("it", "name"), "'name' is missing, and a text is wanted"),
            ],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(
    value: object, kind: object, expected: list[Misfit]
) -> None:
    assert misfits(value, kind, ("it",)) == expected


@pytest.mark.parametrize("name", sorted(get_type_hints(CoreParameters)))
def test_no_parameter_that_python_reads_may_be_missing_or_of_another_kind(name: str) -> None:
    held = dict(general_parameters())

    assert not fits({key: value for key, value in held.items() if key != name}, CoreParameters)
    assert not fits(held | {name: object()}, CoreParameters)
    assert not fits(held | {name: {"odd": object()}}, CoreParameters)
