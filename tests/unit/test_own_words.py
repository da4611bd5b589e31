"""Our texts are our own: no eight words in a row of a leaflet stand in what we ship or write about it.

The leaflets are not ours to ship. OSTEO_HANDOVER_LEAFLETS names the folder on a machine that has them.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAFLETS = "OSTEO_HANDOVER_LEAFLETS"
WRITTEN = ("adapter/**/*", "mappings/**/*", "workers/**/*", "docs/**/*", "tests/**/*.py", "*.md")
KINDS = frozenset({".py", ".yaml", ".json", ".md", ".html", ".typ", ".txt"})
IN_A_ROW = 8


def shingles(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight words, whatever stands between them."""
    words = re.findall(r"\w+", text.casefold())
    return (tuple(words[start : start + IN_A_ROW]) for start in range(len(words) - IN_A_ROW + 1))


def files() -> list[Path]:
    """Everything that people wrote; other people's test data and the demo's patients are not ours."""
    found = {
        path for pattern in WRITTEN for path in ROOT.glob(pattern) if path.suffix in KINDS and path.is_file()
    }
    return sorted(path for path in found if "data" not in path.relative_to(ROOT).parts[1:3])


@pytest.fixture(scope="module")
def leaflets() -> frozenset[tuple[str, ...]]:
    folder = os.environ.get(LEAFLETS)
    if not folder:
        pytest.skip(f"the texts are not compared with the leaflets: {LEAFLETS} names no folder")
    texts = [path.read_text("utf-8") for path in sorted(Path(folder).glob("*.txt"))]
    assert texts, f"{LEAFLETS} has no *.txt"
    return frozenset(shingle for text in texts for shingle in shingles(text))


def test_no_eight_words_in_a_row_were_taken_from_a_leaflet(leaflets: frozenset[tuple[str, ...]]) -> None:
    taken = {
        f"{path.relative_to(ROOT)}: {' '.join(shingle)}"
        for path in files()
        for shingle in shingles(path.read_text("utf-8"))
        if shingle in leaflets
    }

    assert taken == set()


def test_what_is_compared_includes_the_texts_the_pathways_and_the_pages() -> None:
    compared = {path.relative_to(ROOT).as_posix() for path in files()}

    assert {
        "mappings/texts/nl.yaml",
        "mappings/pathways/etz.yaml",
        "docs/GLOSSARY.md",
        "README.md",
    } <= compared


def test_words_are_compared_whatever_stands_between_them() -> None:
    assert list(shingles("Een, twee. DRIE vier-vijf zes (zeven) acht")) == [
        ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht")
    ]
