"""Whoever judges our own settlements finds each of them on one page."""

import re
from pathlib import Path

from mappings.pathways import load

PAGE = Path(__file__).parents[2] / "docs" / "settlements.md"
FIRST_OF_OURS = 59


def test_the_page_names_every_rule_of_our_own_settlements_and_no_other() -> None:
    ids = [rule.id for rule in load("core").rules]
    ours = {it for it in ids if (found := re.match(r"C-(\d+)", it)) and int(found[1]) >= FIRST_OF_OURS}
    named = set(re.findall(r"`(C-\d+[a-z]?)`", PAGE.read_text(encoding="utf-8")))

    assert ours <= named <= set(ids)
