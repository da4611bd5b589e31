"""The number of a T-score: one value, a plain number, no unit but that of a T-score, within what can be."""

from functools import lru_cache

from adapter.clinical.model import Reason, StandardDeviations
from adapter.clinical.quantities import T_SCORE
from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import NotACode, Ucum
from mappings.inbound.densitometry import words
from mappings.inbound.resources.datatypes import number, obj, objs, text
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.plain_words import plain
from mappings.valuesets import table

_OF_ANOTHER = frozenset("/%²")  # signs of a unit that is no T-score's


def value_problem(result: Measurement) -> Reason | None:
    """What is wrong with the value itself; digits are taken as they are and never rounded (C-41)."""
    kind, value = result.value
    if value is None:
        return Reason.NO_VALUE
    if _two_values(result.body):
        return Reason.TWO_VALUES
    if kind != "Quantity" or not isinstance(value, dict):
        return Reason.NON_NUMERIC
    # "< -2.5" is a bound, not a measurement (R4 Quantity.comparator): a class made of
    # it would be right by chance.
    if value.get("comparator"):
        return Reason.COMPARATOR
    # Seen in public data: a density in g/cm² under the code of a T-score. 0.9 would pass for a normal score.
    if not is_t_unit(value):
        return Reason.UNIT_MISMATCH
    return _number_problem(value, result.body)


def t_value(result: Measurement) -> StandardDeviations:
    """The number, after ``value_problem`` found nothing: neither in its unit nor in itself."""
    value = number(obj(result.value[1]).get("value"))
    if value is None:  # a T-score of 0 would be normal
        raise SoftwareFault("a result without a number was taken for a T-score")
    return StandardDeviations(value)


def _two_values(body: ReadOnlyJson) -> bool:
    """Two elements value[x], or a value beside the reason why there is none."""
    # R4 has one value[x], and allows a reason for its absence only without it (obs-6). Converters fill both.
    values = [name for name in body if name.startswith("value") and name[5:6].isupper()]
    return len(values) > 1 or bool(values and body.get("dataAbsentReason"))


def _number_problem(quantity: Json, body: ReadOnlyJson) -> Reason | None:
    if quantity.get("value") is None:
        return Reason.NO_VALUE
    score = number(quantity["value"])
    if score is None:
        return Reason.NON_NUMERIC
    # Seen: valueQuantity 0, which a sender puts where it has nothing, and the score in a note beside it.
    if not score and _another_number(body):
        return Reason.TWO_VALUES
    return None if T_SCORE.believes(score) else Reason.IMPLAUSIBLE


def _another_number(body: ReadOnlyJson) -> bool:
    """Whether a note gives a T-score of its own: then the zero is the default of the sender."""
    notes = [text(note.get("text")) for note in objs(body.get("note"))]
    return any(words.gives_number(note) for note in notes)


def is_t_unit(quantity: ReadOnlyJson) -> bool:
    """Whether it has a T-score's unit or none; the code decides unless the text has another unit."""
    code, unit = text(quantity.get("code")), text(quantity.get("unit"))
    if not code:
        return _t_unit(unit)
    return _t_unit(code) and _OF_ANOTHER.isdisjoint(unit)


def says_t_score(quantity: ReadOnlyJson) -> bool:
    """Whether the unit itself says that the number is a T-score."""
    named = {text(quantity.get(name)).strip("{}").lower() for name in ("code", "unit")}
    return any(plain(name).replace("-", "").replace(" ", "") == "tscore" for name in named)


@lru_cache(words.LABELS)  # a house writes few units, and what one is follows from itself and a value set
def _t_unit(written: str) -> bool:
    """Case carries no meaning inside braces, and the same words occur without them."""
    if not written or words.is_standard_deviations(written):
        return True
    try:
        return any(table("unit").lookup(Ucum(form)) for form in (written, f"{{{written.strip('{}')}}}"))
    except NotACode:
        return False
