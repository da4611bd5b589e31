"""The sections of the document: the parts and blocks of the letter, coded by LOINC where a code is verified."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from adapter.errors import SoftwareFault
from adapter.letter import Block, Part
from adapter.wire_json import Json
from mappings.codes import BASE
from mappings.documents.filing import Filing, Paper
from mappings.documents.section_text import drawing, items, narrative, of_block
from mappings.outbound.labels import label
from mappings.outbound.vocabulary import words
from mappings.valuesets import coding

SECTION = f"{BASE}/CodeSystem/letter-section"
LOINC_OF = MappingProxyType({name: coding(f"section-{name}") for name in ("plan", "goals")})
CHARTED = ("measurements", "result")  # the block under which the chart stands


def sections(paper: Paper, filing: Filing) -> list[Json]:
    """One section per part of the letter, then the plan if no block spoke of it, then the letter as PDF."""
    letter = paper.letter
    told = [_part(part, paper, filing) for part in letter.parts]
    if _tells_plan(paper) and not _has_block(paper, "plan"):
        title = words("care_plan_proposal", letter.language)
        told.append({"title": title, "code": code("plan"), **_of_plan(paper, filing)})
    pdf = {"title": label("letter_as_pdf", letter.language), "code": code("letter_as_pdf")}
    return [*told, {**pdf, "entry": [{"reference": pdf_place(paper, filing)}]}]


def pdf_place(paper: Paper, filing: Filing) -> str:
    """``Binary/id`` of the PDF within the document."""
    return f"Binary/{filing.edition_id(paper.letter)}"


def code(name: str) -> Json:
    """The LOINC code of a section where one is verified, and ours."""
    ours = {"system": SECTION, "code": name, "display": _display(name)}
    return {"coding": [*([LOINC_OF[name]] if name in LOINC_OF else []), ours]}


def _part(part: Part, paper: Paper, filing: Filing) -> Json:
    """A block without a heading is the text of its part."""
    untitled = "".join(of_block(it) for it in part.blocks if not it.title)
    within = [_block(it, paper, filing) for it in part.blocks if it.title]
    content = {
        "title": part.title or paper.letter.title,
        "code": code(part.key),
        "text": narrative(paper.letter.language, untitled) if untitled else None,
        "section": within,
    }
    return {name: value for name, value in content.items() if value}


def _block(block: Block, paper: Paper, filing: Filing) -> Json:
    chart = drawing(paper.chart) if paper.chart and block.key in CHARTED else ""
    section = {
        "title": block.title,
        "code": code(block.key),
        "text": narrative(paper.letter.language, of_block(block), chart),
    }
    return section | (_of_plan(paper, filing) if block.key == "plan" and _tells_plan(paper) else {})


def _of_plan(paper: Paper, filing: Filing) -> Json:
    """The CarePlan behind the words, and its goals, which are contained in it and so cannot be entries."""
    goals = [
        it["description"]["text"] for it in filing.plan.get("contained", ()) if it["resourceType"] == "Goal"
    ]
    language = paper.letter.language
    told = {
        "title": label("goals", language),
        "code": code("goals"),
        "text": narrative(language, items(goals)),
    }
    entry = {"entry": [{"reference": f"CarePlan/{filing.plan['id']}"}]}
    return {**entry, "section": [told]} if goals else entry


def _tells_plan(paper: Paper) -> bool:
    """Not to the patient, whose copy leaves drugs out, and not in a retraction, which would hand it on again."""
    return paper.letter.kind == "gp" and not paper.letter.status.key.endswith(".retracted")


def _has_block(paper: Paper, key: str) -> bool:
    return any(block.key == key for block in _blocks(paper))


def _blocks(paper: Paper) -> Iterator[Block]:
    for part in paper.letter.parts:
        yield from part.blocks


def _display(name: str) -> str:
    try:
        return _names()[name]
    except KeyError:
        raise SoftwareFault(f"the section {name!r} has no entry in output-sections.json") from None


@cache
def _names() -> dict[str, str]:
    text = files("mappings").joinpath("valuesets", "output-sections.json").read_text(encoding="utf-8")
    return {it["code"]: it["display"] for it in json.loads(text)["concept"]}
