"""Whoever judges our own settlements finds each of them on one page."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from mappings.pathways import PATHWAY_NAMES, load
from mappings.pathways.description import flat
from tests.guideline_items_page import FILES, citations
from workers.authoring.spec_tables import spec_rows

PAGE = Path(__file__).parents[2] / "docs" / "settlements.md"
FIRST_OF_OURS = 59


def settlements(cited: Iterable[tuple[str, str]]) -> set[str]:
    return {
        it for source, lines in cited if source == "settlements" for it in re.findall(r"C-\d+[a-z]?", lines)
    }


def test_the_page_names_every_rule_of_our_own_settlements_and_no_other() -> None:
    ids = [rule.id for rule in load("core").rules]
    ours = {it for it in ids if (found := re.match(r"C-(\d+)", it)) and int(found[1]) >= FIRST_OF_OURS}
    named = set(re.findall(r"`(C-\d+[a-z]?)`", PAGE.read_text(encoding="utf-8")))

    assert ours <= named <= set(ids)


def test_every_settlement_that_a_pathway_cites_or_a_table_names_is_on_the_page_once() -> None:
    cited = settlements((it.source, it.lines) for _, it in citations())
    said = " ".join(f"{spec.says} {row.says}" for spec, row in spec_rows())
    named = set(re.findall(r"\bC-\d+[a-z]?", said))
    rules = {rule.id for name in PATHWAY_NAMES for rule in load(name).rules}
    listed = re.findall(r"^\| (C-\d+[a-z]?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert (cited | named - rules) - set(listed) == set()
    assert len(listed) == len(set(listed))


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
