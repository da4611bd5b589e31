"""What identifies a measurement apart from its number: the same for every patient of a house."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.resources.codings import Concept, concept_of, concepts
from mappings.inbound.resources.datatypes import unit_of

KINDS = 4096  # so many are remembered


@dataclass(frozen=True, eq=False)
class MeasurementKind:
    """The code of a measurement, and what stands beside its number; compared by identity, as a Concept."""

    code: Concept
    categories: frozenset[str]  # their codes, whatever their systems
    unit: str
    worded: bool  # its value is a text
    sited: bool  # it, or its report, names a body site

    @cached_property
    def label(self) -> str:
        """All its words and house codes, where no body site adds to them."""
        return f"{self.code.label}  {self.code.house}"


def kind_of(body: ReadOnlyJson, code: Concept, value: object, site: object) -> MeasurementKind:
    """The kind of an Observation or of a component."""
    return _kind(code, categories_of(body), unit_of(value), isinstance(value, str), bool(site))


_kind = lru_cache(KINDS)(MeasurementKind)  # what says the same is one


def categories_of(body: ReadOnlyJson) -> frozenset[str]:
    """The codes of its categories, whatever their systems."""
    held = body.get("category")
    if isinstance(held, list) and len(held) == 1:  # as nearly all have
        return concept_of(held[0]).keys
    return frozenset[str]().union(*(category.keys for category in concepts(held)))
