"""The file that `pathway new` writes is valid as it stands, and still is when every block of it is used."""

import re
from pathlib import Path

import pytest

from adapter.clinical import Pathway
from mappings.pathways import PATHWAY_NAMES, load
from mappings.pathways.inspection import inspect
from mappings.pathways.new_pathway import skeleton

COMMENTED = re.compile(r"^#(?=(?:sources|parameters|rules|off|texts):$|(?: {2}| {4}| {6})[^ ])", re.MULTILINE)


def saved(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("base", ["core", *PATHWAY_NAMES])
def test_it_decides_exactly_as_what_it_extends(base: str, tmp_path: Path) -> None:
    parent = load(base)
    file = saved(tmp_path, skeleton("mine", 'A "title"\\ with\nodd signs', parent))

    own = load(file)

    assert (inspect(file).faults, own.ref.title) == ((), 'A "title"\\ with odd signs')
    assert meaning_of(own) == meaning_of(parent)


def meaning_of(pathway: Pathway) -> tuple[object, ...]:
    return pathway.parameters, tuple((r.id, r.when and r.when.text) for r in pathway.rules), pathway.off


@pytest.mark.parametrize("base", ["core", *PATHWAY_NAMES])
def test_every_block_of_it_can_be_used_by_taking_the_comment_sign_away(base: str, tmp_path: Path) -> None:
    parent = load(base)
    file = saved(tmp_path, COMMENTED.sub("", skeleton("mine", "Mine", parent)))

    own = load(file)

    assert (inspect(file).faults, own.parameters) == ((), parent.parameters)
    assert {r.id for r in own.rules} - {r.id for r in parent.rules} == {"OWN-1"}
    assert set(own.off) == {"GL-08"}
