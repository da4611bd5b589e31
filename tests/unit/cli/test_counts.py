"""One is no plural, wherever the command line counts."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import workers.cli
from tests.made_resources import a_patient, a_t_score
from tests.structure import tree
from tests.unit.cli.test_assess_files import handed_in, typed
from workers.cli.output import count_text

MODULES = sorted(Path(workers.cli.__path__[0]).rglob("*.py"))
# Nouns that a number stands before; what is to be counted anew belongs here.
COUNTED = re.compile(
    r"^ (?:[a-z]+ )?(patient|people|person|record|resource|rule|page|result|letter|round|core|warning|"
    r"Subscription|site|unit|report|search|step|item|case|request|year)s?e?s?\b"
)


@pytest.mark.parametrize(
    ("count", "nouns", "shown"),
    [
        (0, ("patient",), "0 patients"),
        (1, ("patient",), "1 patient"),
        (2, ("patient",), "2 patients"),
        (1, ("person", "people"), "1 person"),
        (21, ("person", "people"), "21 people"),
    ],
)
def test_a_noun_follows_its_count(count: int, nouns: tuple[str, ...], shown: str) -> None:
    assert count_text(count, *nouns) == shown


@pytest.mark.parametrize(
    ("patients", "strays", "shown"),
    [
        (1, 1, ("Note: 1 resource without a patient.", "1 patient on 2026-11-20.")),
        (2, 2, ("Note: 2 resources without a patient.", "2 patients on 2026-11-20.")),
    ],
)
def test_assess_counts_one_as_one(patients: int, strays: int, shown: tuple[str, ...], tmp_path: Path) -> None:
    read = [it for number in range(patients) for it in (a_patient(f"p{number}"), a_t_score(f"p{number}"))]
    nobodys = [a_t_score("p0") | {"id": f"stray{number}", "subject": {}} for number in range(strays)]
    handed_in(tmp_path, *read, *nobodys)

    result = typed(tmp_path)

    for line in shown:
        assert f"\n{line}" in result.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda it: it.stem)
def test_no_text_sets_a_noun_behind_a_number_by_itself(module: Path) -> None:
    texts = [node.values for node in ast.walk(tree(module)) if isinstance(node, ast.JoinedStr)]

    bare = [
        word.value
        for values in texts
        for number, word in pairwise(values)
        if isinstance(number, ast.FormattedValue)
        and isinstance(word, ast.Constant)
        and COUNTED.match(str(word.value))
    ]

    assert bare == []
