"""The class that stands, of those that rules gave."""

import re

import pytest

from adapter.clinical import classify
from adapter.clinical.classify import class_that_stands
from adapter.clinical.decision import Category
from mappings.pathways import load


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        # One low site is enough.
        ("normal, osteopenia, osteoporosis", "osteoporosis"),
        ("normal, osteopenia", "osteopenia"),
        # An institution's own rule that leaves the class open: what is in doubt may be osteoporosis.
        ("normal, indeterminate", "indeterminate"),
        ("osteopenia, indeterminate", "indeterminate"),
        # A doubt about one site takes nothing from another one that is low.
        ("osteoporosis, indeterminate", "osteoporosis"),
        # The scale is not for a premenopausal woman or a young man, whatever the T-score.
        ("normal, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("osteopenia, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("osteoporosis, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("indeterminate, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
    ],
)
def test_a_doubt_is_never_resolved_towards_the_more_reassuring_class(given: str, stands: str) -> None:
    assert class_that_stands(given.split(", ")) == stands


@pytest.mark.parametrize("category", Category)
def test_a_class_that_is_the_only_one_stands(category: Category) -> None:
    assert class_that_stands([category]) is category


def test_the_docstring_names_every_rule_that_gives_a_class() -> None:
    named = re.findall(r"``([A-Z]+-\w+)``", classify.__doc__ or "")

    assert sorted(named) == sorted(
        rule.id for rule in load("core").rules if any(effect.kind == "class" for effect in rule.effects)
    )
