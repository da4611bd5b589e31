"""Whoever judges our own settlements finds each of them on one page."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from mappings.pathways import PATHWAY_NAMES, layers, load
from mappings.pathways.description import flat

PAGE = Path(__file__).parents[2] / "docs" / "settlements.md"
FIRST_OF_OURS = 59
FILES = tuple(layers(name)[-1].content for name in ("core", *PATHWAY_NAMES))


def settlements(cited: Iterable[tuple[str, str]]) -> set[str]:
    return {
        it for source, lines in cited if source == "settlements" for it in re.findall(r"C-\d+[a-z]?", lines)
    }


def test_the_page_names_every_rule_of_our_own_settlements_and_no_other() -> None:
    ids = [rule.id for rule in load("core").rules]
    ours = {it for it in ids if (found := re.match(r"C-(\d+)", it)) and int(found[1]) >= FIRST_OF_OURS}
    named = set(re.findall(r"`(C-\d+[a-z]?)`", PAGE.read_text(encoding="utf-8")))

    assert ours <= named <= set(ids)


def test_a_settlement_that_a_number_rests_on_is_one_that_somebody_can_read() -> None:
    """It is on the page, or the rules that cite it say what it is."""
    ruled = settlements((it.source, it.lines) for file in FILES for rule in file.rules for it in rule.cite)
    listed = set(re.findall(r"^\| (C-\d+[a-z]?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    cited = settlements(
        (it.source, it.lines) for file in FILES for entry in file.parameters.values() for it in entry.cite
    )

    assert cited - ruled - listed == set()


def test_the_page_names_every_number_that_rests_on_a_settlement_alone() -> None:
    ours = {
        name
        for file in FILES
        for name, entry in file.parameters.items()
        if {it.source for it in entry.cite} == {"settlements"}
        and any(type(value) in (int, Decimal) for _, value in flat({name: entry.value}))
    }
    named = PAGE.read_text(encoding="utf-8").rpartition("These rest on nothing but a settlement")[2]

    assert set(re.findall(r"`(\w+)`", named)) == ours
