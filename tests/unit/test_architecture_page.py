"""docs/architecture.md shows the way: every path that it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:adapter|mappings|workers|docs)/[\w./-]*)`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_path_on_the_page_is_in_the_tree(path: str) -> None:
    place = ROOT / path

    assert place.is_dir() if path.endswith("/") else place.is_file()


@pytest.mark.parametrize("verb", ["read", "classify", "pathway", "handover", "write"])
def test_the_five_verbs_are_on_the_page(verb: str) -> None:
    assert re.search(rf"\d {verb}\b", PAGE)


def test_the_page_fits_one_screen_and_a_table() -> None:
    assert len(PAGE.splitlines()) <= 80
