"""Documents of the letters at hand, opened: their resources, sections and pages."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from adapter.clinical.decision import Category, Classification
from adapter.input.wire_json import Json
from mappings.documents import DocumentMetadata, RenderedLetter, document_bundle
from mappings.texts import LANGUAGES
from tests.unit.documents.documents_at_hand import (
    RELEASE,
    RELEASED,
    metadata,
    referring,
    released,
    rendered,
    rendered_for_patient,
)
from tests.unit.letter.patients import WHY, crowded, decision

HOSTILE = '</td><script>alert(1)</script>" onload="x'


def bundle(written: RenderedLetter | None = None, where: DocumentMetadata | None = None) -> Json:
    return document_bundle(written or rendered(), where or metadata())


def resources_in(document: Json, kind: str) -> list[Json]:
    return [it["resource"] for it in document["entry"] if it["resource"]["resourceType"] == kind]


def first(document: Json) -> Json:
    resource: Json = document["entry"][0]["resource"]
    return resource


def sections(value: Json) -> Iterator[Json]:
    for section in value.get("section", ()):
        yield section
        yield from sections(section)


def sections_with(document: Json, code: str) -> list[Json]:
    return [it for it in sections(first(document)) if code in {c["code"] for c in it["code"]["coding"]}]


def xhtml_of(xhtml: str) -> ET.Element:
    return ET.fromstring(xhtml)  # noqa: S314 - made by us a moment ago


CASES: dict[str, tuple[RenderedLetter, DocumentMetadata]] = {
    "proposed": (rendered(), metadata()),
    "released": released(),
    "corrected": released(2),
    "corrected again": released(3),
    "retracted": (rendered(retraction=True, **RELEASED), metadata(released=RELEASE, edition=2)),
    "patient": (rendered_for_patient(), metadata()),
    "referring": (rendered(), referring()),
    "crowded": (rendered(crowded()[0]), metadata(crowded()[0])),
    "no class": (
        rendered(decision(classification=Classification(Category.INDETERMINATE, WHY))),
        metadata(decision(classification=Classification(Category.INDETERMINATE, WHY))),
    ),
    **{f"in {language}": (rendered(language=language), metadata()) for language in LANGUAGES},
}


EVERY = pytest.mark.parametrize("case", CASES)
