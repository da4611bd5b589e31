"""The sides that codes of a body site name: as a qualifier, in a post-coordinated code or in an extension."""

from collections.abc import Iterable, Iterator

from adapter.clinical.model import Side
from mappings.codes import SNOMED, AnyCode, Snomed
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.datatypes import objs
from mappings.valuesets import coding, concept_map

SIDES = {key: Side(target.code) for key, target in concept_map("sides").items()}  # by system and code
_LATERALITY = coding("attribute-laterality")["code"]


def sides_named(value: object) -> set[Side]:
    """All of them; more than one contradict each other."""
    return {*_sides(concept_of(value).codes), *_sides_beside(value)}


def _sides(codes: Iterable[AnyCode]) -> Iterator[Side]:
    for code in codes:
        refined = code.refinement.get(_LATERALITY, "") if isinstance(code, Snomed) else ""
        for key in ((code.system, code.key), (SNOMED, refined)):
            if key in SIDES:
                yield SIDES[key]


def _sides_beside(value: object) -> Iterator[Side]:
    """As the Dutch zib AnatomicalLocation carries them."""
    for extension in objs(value.get("extension")) if isinstance(value, dict) else ():
        yield from _sides(concept_of(extension.get("valueCodeableConcept")).codes)
