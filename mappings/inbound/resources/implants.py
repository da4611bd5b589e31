"""What a Procedure says that it used or put in: by code, in words, contained, or as a Device that came along.

R4 has no search parameter for these references, so that no ``_include`` brings the Device of a
Procedure; the one that names the patient comes by the search for Devices. What is named without a word
and is not there stays unknown.
"""

from collections.abc import Iterator
from typing import NamedTuple

from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.resources.codings import Concept, concept_of, concepts, in_words
from mappings.inbound.resources.compartment import Compartment, SourceResource, contained
from mappings.inbound.resources.datatypes import obj, objs, reference, text


class Implant(NamedTuple):
    """What a record says of an implant, and whether it names one without saying anything of it."""

    said: tuple[Concept, ...] = ()
    missing: bool = False

    @property
    def label(self) -> str:
        """All its words."""
        return " ".join(filter(None, (it.label for it in self.said)))


NOTHING = Implant()


def put_in(entry: SourceResource, chart: Compartment) -> Implant:
    """Everything that a Procedure used or manipulated; of any other resource nothing."""
    if entry.body["resourceType"] != "Procedure":
        return NOTHING
    links = [
        *objs(entry.body.get("usedReference")),
        *(obj(it.get("manipulated")) for it in objs(entry.body.get("focalDevice"))),
    ]
    there = [tuple(_device_concepts(link, entry, chart)) for link in links if _may_be_a_device(link)]
    held = entry.body.get("usedCode")
    coded = [
        (concept,) if concept.label or concept.written else () for concept in (concepts(held) if held else ())
    ]
    told = [*coded, *there]
    return Implant(tuple(concept for said in told for concept in said), not all(told))


def _may_be_a_device(link: ReadOnlyJson) -> bool:
    """Whether it names something that is no medicine and no substance, which an operation uses too."""
    kind = text(link.get("type")) or reference(link).rpartition("/")[0].rpartition("/")[2]
    return bool(link) and kind not in {"Medication", "Substance"}


def _device_concepts(link: ReadOnlyJson, entry: SourceResource, chart: Compartment) -> Iterator[Concept]:
    """The words of the reference itself, and the type and names of the Device that it points to."""
    if words := text(link.get("display")):
        yield in_words(words)
    location = reference(link)
    held = [*chart.of("Device"), *contained(entry, "Device")]
    for device in held:
        if location and (
            location == f"#{device.body['id']}" or f"/{location}".endswith(f"/{device.location}")
        ):
            names = (in_words(text(name.get("name"))) for name in objs(device.body.get("deviceName")))
            yield from (
                name for name in (concept_of(device.body.get("type")), *names) if name.label or name.written
            )
