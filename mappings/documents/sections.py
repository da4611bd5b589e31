"""The sections of the document: parts and blocks of the letter, with a LOINC code where one is verified."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from adapter.letter import Block, Part
from mappings.codes import BASE
from mappings.documents.document_metadata import DocumentMetadata, RenderedLetter
from mappings.documents.section_text import drawing, items, narrative, of_block
from mappings.outbound.labels import label
from mappings.outbound.vocabulary import words
from mappings.valuesets import coding

SECTION = f"{BASE}/CodeSystem/letter-section"
LOINC_OF = MappingProxyType({name: coding(f"section-{name}") for name in ("plan", "goals")})
CHARTED = ("measurements", "result")  # the block under which the chart stands


def sections(rendered: RenderedLetter, metadata: DocumentMetadata) -> list[Json]:
    """One section per part of the letter, then the plan if no block spoke of it, then the letter as PDF."""
    letter = rendered.letter
    told = [_part(part, rendered, metadata) for part in letter.parts]
    if _tells_plan(rendered) and not _has_block(rendered, "plan"):
        title = words("care_plan_proposal", letter.language)
        told.append({"title": title, "code": code("plan"), **_of_plan(rendered, metadata)})
    pdf = {"title": label("letter_as_pdf", letter.language), "code": code("letter_as_pdf")}
    return [*told, {**pdf, "entry": [{"reference": pdf_location(rendered, metadata)}]}]


def pdf_location(rendered: RenderedLetter, metadata: DocumentMetadata) -> str:
    """``Binary/id`` of the PDF within the document."""
    return f"Binary/{metadata.edition_id(rendered.letter)}"


def code(name: str) -> Json:
    """The LOINC code of a section where one is verified, and ours."""
    ours = {"system": SECTION, "code": name, "display": _display(name)}
    return {"coding": [*([LOINC_OF[name]] if name in LOINC_OF else []), ours]}


def _part(part: Part, rendered: RenderedLetter, metadata: DocumentMetadata) -> Json:
    """A block without a heading is the text of its part."""
    untitled = "".join(of_block(block) for block in part.blocks if not block.title)
    within = [_block(block, rendered, metadata) for block in part.blocks if block.title]
    content = {
        "title": part.title or rendered.letter.title,
        "code": code(part.key),
        "text": narrative(rendered.letter.language, untitled) if untitled else None,
        "section": within,
    }
    return {name: value for name, value in content.items() if value}


def _block(block: Block, rendered: RenderedLetter, metadata: DocumentMetadata) -> Json:
    chart = drawing(rendered.chart) if rendered.chart and block.key in CHARTED else ""
    section = {
        "title": block.title,
        "code": code(block.key),
        "text": narrative(rendered.letter.language, of_block(block), chart),
    }
    return section | (_of_plan(rendered, metadata) if block.key == "plan" and _tells_plan(rendered) else {})


def _of_plan(rendered: RenderedLetter, metadata: DocumentMetadata) -> Json:
    """The CarePlan behind the words, and its goals, which are contained in it and so cannot be entries."""
    goals = [
        resource["description"]["text"]
        for resource in metadata.plan.get("contained", ())
        if resource["resourceType"] == "Goal"
    ]
    language = rendered.letter.language
    told = {
        "title": label("goals", language),
        "code": code("goals"),
        "text": narrative(language, items(goals)),
    }
    entry = {"entry": [{"reference": f"CarePlan/{metadata.plan['id']}"}]}
    return {**entry, "section": [told]} if goals else entry


def _tells_plan(rendered: RenderedLetter) -> bool:
    """The patient's copy leaves drugs out, and a retraction must not hand the plan on again."""
    return rendered.letter.kind == "gp" and not rendered.letter.status.key.endswith(".retracted")


def _has_block(rendered: RenderedLetter, key: str) -> bool:
    return any(block.key == key for block in _blocks(rendered))


def _blocks(rendered: RenderedLetter) -> Iterator[Block]:
    for part in rendered.letter.parts:
        yield from part.blocks


def _display(name: str) -> str:
    try:
        return _names()[name]
    except KeyError:
        raise SoftwareFault(f"the section {name!r} has no entry in output-sections.json") from None


@cache
def _names() -> dict[str, str]:
    text = files("mappings").joinpath("valuesets", "output-sections.json").read_text(encoding="utf-8")
    return {concept["code"]: concept["display"] for concept in json.loads(text)["concept"]}
