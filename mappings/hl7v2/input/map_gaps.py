"""Codes, places, units and times of a message that its sender's map lacks, for whoever writes the map."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.hl7v2.er7_reader import Hl7Message, Hl7Segment
from mappings.hl7v2.input.oru import results_about_bone
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.v2_times import fhir_time
from mappings.hl7v2.input.v2_values import NUMERIC, WORDS, concept_of, number, value_of

_OF_UCUM = "system"  # a quantity has it where its unit is known
_READABLE = 3  # letters of a place: shorter ones number the results of a study


@dataclass(frozen=True, slots=True)
class MapGap:
    """A field, what it says, and the key of the map that would explain it; without a key the sender must."""

    place: str
    field_name: str
    says: str = field(repr=False)
    key: str = ""


def map_gaps(message: Hl7Message, sender: SenderMap) -> Iterator[MapGap]:
    """Of the results that are about bone density, in the order of the message."""
    told: set[MapGap] = set()
    for obr, obx in results_about_bone(message, sender):
        if not _is_number(obx):
            continue
        place = f"OBX {obx.value(1)}".strip()
        for it in (*_code(obx, place, sender), *_site(obx, place, sender), *_unit(obx, place, sender), *_times(obr, obx, place, sender)):  # fmt: skip
            if it not in told:
                told.add(it)
                yield it


def _is_number(obx: Hl7Segment) -> bool:
    kind = obx.value(2).strip().upper()
    return kind in NUMERIC or (kind in WORDS and number(obx.written(5)) is not None)


def _code(obx: Hl7Segment, place: str, sender: SenderMap) -> Iterator[MapGap]:
    asked = obx.coded(3)
    if sender.result(asked.code, asked.system) is None and not concept_of(asked).get("coding"):
        yield MapGap(place, "OBX-3", " ".join(it for it in (asked.code, asked.text) if it), "results")


def _site(obx: Hl7Segment, place: str, sender: SenderMap) -> Iterator[MapGap]:
    asked, told, beside = obx.coded(3), obx.coded(20), obx.value(4).strip()
    meant = sender.result(asked.code, asked.system)
    if (meant and meant.site) or sender.site(told.text, told.code, beside) or concept_of(told).get("coding"):
        return
    if told.words:
        yield MapGap(place, "OBX-20", told.text or told.code, "sites")
    elif sum(it.isalpha() for it in beside) >= _READABLE:
        yield MapGap(place, "OBX-4", beside, "sites")


def _unit(obx: Hl7Segment, place: str, sender: SenderMap) -> Iterator[MapGap]:
    held = value_of(obx, sender.units).get("valueQuantity", {})
    if held.get("unit") and _OF_UCUM not in held:
        yield MapGap(place, "OBX-6", held["unit"], "units")


def _times(obr: Hl7Segment, obx: Hl7Segment, place: str, sender: SenderMap) -> Iterator[MapGap]:
    for where, name, segment, number_of in (
        (place, "OBX-14", obx, 14),
        ("OBR", "OBR-7", obr, 7),
        ("OBR", "OBR-22", obr, 22),
    ):
        written = segment.value(number_of).strip()
        if written and fhir_time(written, sender.timezone) is None:
            yield MapGap(where, name, written)
    number_of = 3 if sender.order.take == "filler" else 2
    if not obr.value(number_of).strip():
        yield MapGap("OBR", f"OBR-{number_of}", "", "order")
