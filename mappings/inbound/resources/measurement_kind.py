"""What identifies a measurement apart from its number: the same for every patient of a house."""

from typing import NamedTuple

from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.resources.codings import Concept, concept_of, concepts
from mappings.inbound.resources.datatypes import unit_of


class MeasurementKind(NamedTuple):
    """The code of a measurement, and what stands beside its number."""

    code: Concept
    categories: frozenset[str]  # their codes, whatever their systems
    unit: str
    worded: bool  # its value is a text
    sited: bool  # it, or its report, names a body site

    @property
    def label(self) -> str:
        """All its words and house codes, where no body site adds to them."""
        return f"{self.code.label}  {self.code.house}"


def kind_of(body: ReadOnlyJson, code: Concept, value: object, site: object) -> MeasurementKind:
    """The kind of an Observation or of a component."""
    return MeasurementKind(code, categories_of(body), unit_of(value), isinstance(value, str), bool(site))


def categories_of(body: ReadOnlyJson) -> frozenset[str]:
    """The codes of its categories, whatever their systems."""
    held = body.get("category")
    if isinstance(held, list) and len(held) == 1:  # as nearly all have
        return concept_of(held[0]).keys
    return frozenset[str]().union(*(category.keys for category in concepts(held)))
