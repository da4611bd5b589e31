"""Looking into JSON that may be anything: what does not fit is absent, and nothing here raises."""

import math
import re
from decimal import Decimal
from functools import lru_cache

from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson

REFERENCE = frozenset({"reference", "identifier", "display", "type"})  # what a Reference can say
# How many sets of elements are remembered: a house fills in the same few, and what they
# are called is all that counts.
LAYOUTS = 2048
_VERSION = re.compile(r"/_history/[^/]*$")


def obj(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objs(value: object) -> list[Json]:
    """The objects of an array."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def listed(value: object) -> list[JsonValue]:
    """The items of an array, readable or not; another value counts as one item, nothing as none."""
    return value if isinstance(value, list) else [value] if value else []


def text(value: object) -> str:
    """The text without white space around it, or an empty one."""
    return value.strip() if isinstance(value, str) else ""


# Two, since a number answers a question and says what a machine is called, and is no word of a diagnosis.
def has_letter(value: object) -> bool:
    """Whether a text has a letter in it."""
    return any(map(str.isalpha, text(value)))


def has_letter_or_digit(value: object) -> bool:
    """Whether a text says anything at all, if only a number; signs alone do not."""
    return any(map(str.isalnum, text(value)))


def identifier(value: object) -> str:
    """A FHIR id, or nothing: an odd one must not travel into our own references."""
    return value if is_fhir_id(value) else ""


def number(value: object) -> Decimal | None:
    """A finite JSON number; a boolean is none, and digits are kept as reported (C-41)."""
    match value:
        case Decimal():  # of these there are most
            return value if value.is_finite() else None
        # In Python True is an int.
        case bool():
            return None
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value)) if math.isfinite(value) else None
        case _:
            return None


def unit_of(value: object) -> str:
    """The unit code without annotations: ``{drinks}/d`` is ``/d``; the text only where there is no code."""
    if not isinstance(value, dict):
        return ""
    written = text(value.get("code")) or text(value.get("unit"))
    while "{" in written and "}" in written[written.index("{") :]:
        start = written.index("{")
        written = written[:start] + written[written.index("}", start) + 1 :]
    return written


def choice(element: ReadOnlyJson, name: str) -> tuple[str, JsonValue]:
    """The value of a choice element such as ``value[x]`` as (type, value); of two the first by name."""
    kind, first = _first_choice(tuple(element), name)
    return kind, element[first] if first else None


@lru_cache(LAYOUTS)
def _first_choice(names: tuple[str, ...], name: str) -> tuple[str, str]:
    """Of these elements the first by name that is this one with a type behind it, after that type."""
    length = len(name)
    first = min((it for it in names if it.startswith(name) and it[length : length + 1].isupper()), default="")
    return first[length:], first


def reference(value: object) -> str:
    """The literal reference ``Type/id`` without version; absolute and fragment references as they are."""
    written = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(written, str):
        return ""
    written = written.strip()
    return _VERSION.sub("", written) if "/_history/" in written else written
