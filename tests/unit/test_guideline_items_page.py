"""docs/guideline-items.md says what every cited item of a guideline says."""

import re
from itertools import pairwise

from tests.guideline_items_page import PAGE, citations, cited_by, item_ids, items, page, rows_naming
from tests.structure import ROOT


def test_the_page_is_as_it_is_made() -> None:
    assert page() == PAGE.read_text("utf-8")


def test_every_item_that_a_pathway_cites_has_a_row() -> None:
    assert cited_by().keys() - items().keys() == set()


def test_every_row_is_cited_or_named_by_a_table() -> None:
    assert {key for key in items() if key not in cited_by() and not rows_naming(key)} == set()


def test_an_item_is_cited_from_the_document_that_holds_it() -> None:
    elsewhere = {
        f"{who}: {it.source} {key}"
        for who, it in citations()
        for key in item_ids(it)
        if key in items() and items()[key].source != it.source
    }

    assert elsewhere == set()


def test_every_id_that_a_citation_names_is_an_item_or_a_settlement() -> None:
    """An id of any other kind would have no page that explains it."""
    unexplained = {
        f"{who}: {it.source} {found}"
        for who, it in citations()
        for found in re.findall(r"([A-Z]+)-\d", it.lines)
        if found != ("C" if it.source == "settlements" else "GL")
    }

    assert unexplained == set()


def test_the_items_are_in_order() -> None:
    numbers = [int(key.removeprefix("GL-")) for key in items()]

    assert all(one < other for one, other in pairwise(numbers))


def test_every_item_that_our_texts_name_has_a_row() -> None:
    """Whoever reads GL-xx in a table, a comment or a page finds it."""
    places = [
        path for room in ("adapter", "mappings", "workers", "docs") for path in (ROOT / room).rglob("*.*")
    ]
    texts = [path.read_text("utf-8") for path in places if path.suffix in {".py", ".yaml", ".md"}]

    assert {f"GL-{it}" for text in texts for it in re.findall(r"\bGL-(\d+)", text)} <= items().keys()
