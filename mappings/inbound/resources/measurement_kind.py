"""What identifies a measurement apart from its number: the same for every patient of a house."""

from functools import lru_cache
from typing import NamedTuple

from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.resources.codings import CONCEPTS, Concept, concepts
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
    return _keys(concepts(body.get("category")))


@lru_cache(CONCEPTS)
def _keys(categories: tuple[Concept, ...]) -> frozenset[str]:
    return frozenset(key for category in categories for _, key in category.written)
