"""docs/guideline-items.md, from items and citations: `python -m tests.guideline_items_page` makes it anew."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from mappings.pathways import PATHWAY_NAMES, SHIPPED, layers
from mappings.pathways.schema import CitationEntry, StrictModel
from mappings.pathways.yaml_lines import parse
from tests.structure import ROOT
from workers.authoring.spec_tables import spec_rows

PAGE = ROOT / "docs" / "guideline-items.md"
ITEMS = SHIPPED / "guideline_items.yaml"
FILES = tuple(layers(name)[-1].content for name in ("core", *PATHWAY_NAMES))
HEAD = """# Guideline items

Made by `python -m tests.guideline_items_page` from `mappings/pathways/guideline_items.yaml`; do not edit.

A citation such as `who GL-58` names a document and an item of it. This page says, in our own words, what each cited item says,
where it is written, and who cites it: rules, parameters, or else rows of the tables. A rule may have the id of the item that it rests on; one item can hold more than that
rule: GL-58 holds all the WHO classes, so the limit of -2.5 rests on it as well as the rule of severe osteoporosis.
Citations of settlements (C-xx) are on the page of [settlements](settlements.md); those of leaflets name lines of the leaflet.

**No clinician has judged these.** "Read" says what we read: the *text* itself, a *summary* of it, or a *secondary* source (a mirror,
or a page that quotes it). The clinical lead checks what was not read in the text, and every product text in its current edition.
"""


class GuidelineItem(StrictModel):
    """One item of a guideline: what it says in our words, and where."""

    source: str
    says: str
    section: str
    address: str
    read: Literal["text", "summary", "secondary"]


@cache
def items() -> dict[str, GuidelineItem]:
    """Every item by its id."""
    return TypeAdapter(dict[str, GuidelineItem]).validate_python(parse(ITEMS.read_text("utf-8")))


def citations() -> Iterator[tuple[str, CitationEntry]]:
    """Who cites, a rule or a parameter with its file, and what is cited."""
    for file in FILES:
        behind = "" if file.id == "core" else f" ({file.id})"
        for name, entry in file.parameters.items():
            yield from ((f"`{name}`{behind}", it) for it in entry.cite)
        for rule in file.rules:
            yield from ((f"{rule.id}{behind}", it) for it in rule.cite)


def item_ids(citation: CitationEntry) -> Iterator[str]:
    """The items of a citation; a range means those of its own document."""
    for first, last in re.findall(r"GL-(\d+)(?: to GL-(\d+))?", citation.lines):
        if not last:
            yield f"GL-{first}"
            continue
        for key, item in items().items():
            if item.source == citation.source and int(first) <= int(key.removeprefix("GL-")) <= int(last):
                yield key


def cited_by() -> dict[str, list[str]]:
    """Item id to those who cite it, each once."""
    found: dict[str, dict[str, None]] = {}
    for who, citation in citations():
        for key in item_ids(citation):
            found.setdefault(key, {})[who] = None
    return {key: list(names) for key, names in found.items()}


def rows_naming(key: str) -> list[str]:
    """The rows of the tables whose words name an item."""
    return [row.case.id for _, row in spec_rows() if re.search(rf"{key}\b", row.says)]


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD.rstrip(), *_tables()]) + "\n"


def _tables() -> Iterator[str]:
    cited = cited_by()
    for source in dict.fromkeys(it.source for it in items().values()):
        yield from _title(source)
        yield from ("| item | what it says | where | read | cited by |", "| --- | --- | --- | --- | --- |")
        for key, item in items().items():
            if item.source == source:
                by = ", ".join(cited.get(key) or rows_naming(key))
                yield f"| {key} | {item.says} | {item.section}; {item.address} | {item.read} | {by} |"


def _title(source: str) -> Iterator[str]:
    held = next((it for it in FILES[0].sources if it.id == source), None)
    if held is None:
        yield from ("", f"## {source}", "", "No rule cites it; tables of `docs/pathways` name it.", "")
    else:
        title = ", ".join(filter(None, (held.title, held.published)))
        yield from ("", f"## {title}", "", f"Cited as `{source}`.", "")


def write() -> None:
    """Write it again."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write()
