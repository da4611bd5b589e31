"""A number that decides is a parameter: it has a citation, and everything that goes by it changes with it."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.pathways import PATHWAY_NAMES, layers

# (where it stands, number): why it is no parameter. Empty: no number needs a reason yet.
REASONS: dict[tuple[str, int | float], str] = {}
FILES = [layers(name)[-1].content for name in ("core", *PATHWAY_NAMES)]


def conditions_in(value: object, key: str = "") -> Iterator[str]:
    """Every ``if`` of an effect, however deep it stands."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield from conditions_in(held, name)
    elif isinstance(value, list):
        for held in value:
            yield from conditions_in(held)
    elif key == "if":
        yield str(value)


def written() -> Iterator[tuple[str, str]]:
    """Each condition and definition that is shipped, with where it stands."""
    for file in FILES:
        for name, definition in file.define.items():
            yield f"{file.id} {name}", str(definition)
        for rule in file.rules:
            yield f"{file.id} {rule.id}", str(rule.when or "True")
            for condition in conditions_in(rule.then):
                yield f"{file.id} {rule.id}", condition


def numbers(text: str) -> set[Any]:
    """The numbers that stand in a condition, without 0 and 1, which only say none and any."""
    held = {node.value for node in ast.walk(ast.parse(text.strip())) if isinstance(node, ast.Constant)}
    return {it for it in held if type(it) in (int, float)} - {0, 1}


def test_no_number_stands_in_a_condition() -> None:
    found = {(place, number) for place, text in written() for number in numbers(text)}

    assert found == REASONS.keys()


@pytest.mark.parametrize(
    ("text", "held"),
    [("4 <= age < param.x", {4}), ("t < -2.5", {2.5}), ("n == 0 or n >= 1 or a == 'b'", set())],
)
def test_a_number_in_a_condition_is_seen(text: str, held: set[float]) -> None:
    assert numbers(text) == held
