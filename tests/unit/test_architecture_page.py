"""docs/architecture.md shows the way: every path that it names is there, and every package is named."""

import re
from pathlib import Path

import pytest

import adapter

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
MAP = adapter.__doc__ or ""
PATHS = sorted(set(re.findall(r"`((?:adapter|mappings|workers|osteo_handover|docs)/[\w./-]*)`", PAGE)))
PACKAGES = sorted(
    f"{init.parent.relative_to(ROOT)}/"
    for pattern in ("adapter/*", "mappings/*", "workers/*", "osteo_handover")
    for init in ROOT.glob(f"{pattern}/__init__.py")
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_on_the_page_is_in_the_tree(path: str) -> None:
    place = ROOT / path

    assert place.is_dir() if path.endswith("/") else place.is_file()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_its_line_in_the_table_of_rooms(package: str) -> None:
    rooms = PAGE.partition("## Where is")[0]

    assert re.search(rf"^\|.*`{package}`.*\|", rooms, re.MULTILINE)


@pytest.mark.parametrize("package", [it for it in PACKAGES if not it.startswith("workers/")])
def test_the_map_in_the_code_names_every_package_outside_the_workers(package: str) -> None:
    """The workers' rooms are one line there: their own map is the page."""
    room, _, folder = package.rstrip("/").partition("/")
    line = rf"^ +{room}/(.*\W)?{folder}/" if folder else rf"^ +{room}/"

    assert re.search(line, MAP, re.MULTILINE)


@pytest.mark.parametrize("verb", ["read", "classify", "pathway", "handover", "write"])
def test_the_five_verbs_are_on_the_page(verb: str) -> None:
    assert re.search(rf"\d {verb}\b", PAGE)


def test_the_page_fits_one_screen_and_a_table() -> None:
    assert len(PAGE.splitlines()) <= 80
