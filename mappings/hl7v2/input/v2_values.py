"""The value of an OBX as the value of an Observation.

What is no plain number stays text, and is refused by the reader.
"""

import re
from decimal import Decimal

from adapter.input.wire_json import Json
from mappings.codes import UCUM
from mappings.hl7v2.er7_reader import CodedField, Hl7Segment
from mappings.valuesets import concept_map

_NUMBER = re.compile(r"([+-]?)(\d{1,12})?(?:[.,](\d{1,12}))?")
_MINUS = str.maketrans("\u2212\u2010\u2011\u2012\u2013", "-----")
_COMPARATORS = frozenset({"<", "<=", ">=", ">"})
_SYSTEMS = {key: target.code for (_, key), target in concept_map("v2-code-systems").items()}
NUMERIC = frozenset({"NM", "SN"})
CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID"})
WORDS = frozenset({"TX", "FT", "ST"})
_PLAIN = NUMERIC | WORDS  # may hold a plain number
FILES = frozenset({"ED", "RP"})


def number(written: str) -> Decimal | None:
    """A plain decimal with a point or a comma, with the digits that it has; None for anything else."""
    found = _NUMBER.fullmatch(written.strip().translate(_MINUS).replace(" ", ""))
    if not found or not (found[2] or found[3]):
        return None
    sign = "-" if found[1] == "-" else ""
    return Decimal(f"{sign}{found[2] or '0'}" + (f".{found[3]}" if found[3] else ""))


def value_of(obx: Hl7Segment, units: dict[str, str]) -> Json:
    """``value[x]`` as one element; empty where there is no value."""
    kind, repeats = obx.value(2).strip().upper(), len(obx.repetitions(5))
    if not repeats:
        return {}
    if repeats > 1:
        return {"valueString": obx.written(5)}  # two values are none
    if kind in CODED:
        return {"valueCodeableConcept": concept_of(obx.coded(5))}
    if kind == "SN":
        return _structured(obx, units)
    found = number(obx.written(5)) if kind in _PLAIN else None
    return (
        {"valueQuantity": quantity(found, obx, units)}
        if found is not None
        else {"valueString": obx.written(5).strip()}
    )


def quantity(found: Decimal, obx: Hl7Segment, units: dict[str, str]) -> Json:
    """With the unit of OBX-6: as the map of the sender has it, else as it was written."""
    unit = obx.coded(6)
    said = unit.text or unit.code
    if not said:
        return {"value": found}
    if meant := units.get(unit.code) or units.get(unit.text):
        return {"value": found, "unit": said, "system": UCUM, "code": meant}
    if unit.code and _SYSTEMS.get(unit.system) == UCUM:
        return {"value": found, "unit": said, "system": UCUM, "code": unit.code}
    return {"value": found, "unit": said}


def concept_of(held: CodedField) -> Json:
    """A coded field as a CodeableConcept; of a coding system that has no address here, the words alone."""
    pairs = ((held.code, held.system), (held.code_2, held.system_2))
    codings = [
        {"system": _SYSTEMS[system], "code": code} for code, system in pairs if code and system in _SYSTEMS
    ]
    words = held.text or held.text_2 or held.code
    return {**({"coding": codings} if codings else {}), **({"text": words} if words else {})}


def _structured(obx: Hl7Segment, units: dict[str, str]) -> Json:
    """SN: a comparator, a number, and perhaps a second one, which makes it a range or a ratio."""
    sign, first, between, second = (obx.value(5, component).strip() for component in (1, 2, 3, 4))
    low, high = number(first), number(second)
    if low is not None and not between and sign in {"", "=", *_COMPARATORS}:
        compared = {"comparator": sign} if sign in _COMPARATORS else {}
        return {"valueQuantity": {**quantity(low, obx, units), **compared}}
    if low is not None and high is not None and between == "-" and not sign:
        return {"valueRange": {"low": quantity(low, obx, units), "high": quantity(high, obx, units)}}
    return {"valueString": " ".join(it for it in (sign, first, between, second) if it)}
