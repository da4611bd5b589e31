"""Every narrative is well formed, fetches nothing and runs nothing."""

import json

from tests.unit.documents.documents_at_hand import (
    metadata,
    rendered,
)
from tests.unit.documents.opened_documents import (
    CASES,
    EVERY,
    HOSTILE,
    bundle,
    first,
    sections,
    xhtml_of,
)


@EVERY
def test_every_narrative_is_well_formed_and_nothing_is_fetched_or_run(case: str) -> None:
    for section in (first(bundle(*CASES[case])), *sections(first(bundle(*CASES[case])))):
        if "text" in section:
            tags = {it.tag.rpartition("}")[2]: it.attrib for it in xhtml_of(section["text"]["div"]).iter()}
            assert tags.keys() <= {"div", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "img"}
            assert tags.get("img", {}).get("src", "data:").startswith("data:")


def test_everything_that_the_letter_says_is_in_its_narratives() -> None:
    written = rendered()
    said = " ".join(it["text"]["div"] for it in sections(first(bundle(written))) if "text" in it)
    plain = " ".join(xhtml_of(f"<x>{said}</x>").itertext())

    for part in written.letter.parts:
        for block in part.blocks:
            for line in block.lines:
                assert all(cell in plain for cell in line.cells) if line.cells else line.text[1:] in plain


def test_a_hostile_name_stays_a_name() -> None:
    document = bundle(rendered(patient_name=HOSTILE), metadata())

    divs = json.dumps([it["text"] for it in sections(first(document)) if "text" in it])
    assert "&lt;script&gt;" in divs
    assert "<script" not in divs
