"""What the values of a case may look like, and what is said when one cannot be understood."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from adapter.input.wire_json import Json, JsonValue
from workers.authoring.cases.case_table import UncoveredCase

_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class CaseDays:
    """The days that undated facts are dated by: of deciding, and of the latest scan or else of deciding."""

    as_of: date
    scanned: date


FactWriter = Callable[[JsonValue, CaseDays], Iterator[Json]]  # the resources that say one fact


def without_unknown(value: object) -> JsonValue:
    """The facts without what is stated to be unknown: null and "unknown" say the same as silence."""
    if isinstance(value, Mapping):
        held = {name: without_unknown(part) for name, part in value.items()}
        return {name: part for name, part in held.items() if part is not None}
    if isinstance(value, list):
        return [without_unknown(item) for item in value]
    return None if isinstance(value, str) and value.strip().lower() == "unknown" else value


def require_parts(given: object, where: str, names: Collection[str]) -> None:
    """Refuse a fact that is no object, or has a part that nobody would write."""
    if not isinstance(given, Mapping):
        raise UncoveredCase(where)
    unknown = sorted(given.keys() - names)
    if unknown:
        raise UncoveredCase(*(f"{where}.{name}" for name in unknown))


def decimal_of(value: object, where: str) -> Decimal:
    """A number, also in digits."""
    try:
        if isinstance(value, bool):
            raise UncoveredCase(f"{where}: {value}")
        return Decimal(str(value))
    except InvalidOperation:
        raise UncoveredCase(f"{where}: {value}") from None


def name_of(value: object) -> str:
    """A name as text; anything else is no name."""
    return value if isinstance(value, str) else ""


def truth_of(value: object, where: str) -> bool:
    """A truth value, also in words."""
    if isinstance(value, bool):
        return value
    said = _YES_NO.get(name_of(value).lower())
    if said is None:
        raise UncoveredCase(f"{where}: {value}")
    return said
