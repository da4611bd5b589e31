"""Looking into JSON that may be anything: what does not fit is absent, and nothing here raises."""

import math
import re
from decimal import Decimal
from typing import Any

from adapter.fhir_id import is_fhir_id
from adapter.wire_json import Json, ReadOnlyJson

REFERENCE = frozenset({"reference", "identifier", "display", "type"})  # what a Reference can say
_VERSION = re.compile(r"/_history/[^/]*$")


def obj(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objs(value: object) -> list[Json]:
    """The objects of an array."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def listed(value: Any) -> list[Any]:
    """The items of an array, readable or not; what stands where an array belongs is one item, and nothing is none."""
    return value if isinstance(value, list) else [value] if value else []


def text(value: object) -> str:
    """The text without white space around it, or an empty one."""
    return value.strip() if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """A FHIR id, or nothing: an odd one must not travel into our own references."""
    return value if is_fhir_id(value) else ""


def number(value: object) -> Decimal | None:
    """A finite JSON number; a boolean is none, and digits are kept as reported (C-41)."""
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value)) if math.isfinite(value) else None
        case Decimal():
            return value if value.is_finite() else None
        case _:
            return None


def unit_of(value: object) -> str:
    """The unit code without annotations: ``{drinks}/d`` is ``/d``; the text only where there is no code."""
    written = text(obj(value).get("code")) or text(obj(value).get("unit"))
    while "{" in written and "}" in written[written.index("{") :]:
        start = written.index("{")
        written = written[:start] + written[written.index("}", start) + 1 :]
    return written


def choice(element: ReadOnlyJson, name: str) -> tuple[str, Any]:
    """The one value of a choice element such as ``value[x]``, as (type, value); the first by name if there are two."""
    length = len(name)
    named = [key for key in element if key.startswith(name) and key[length : length + 1].isupper()]
    if not named:
        return "", None
    first = min(named)
    return first[length:], element[first]


def reference(value: object) -> str:
    """The literal reference ``Type/id`` without version; absolute and fragment references as they are."""
    written = text(obj(value).get("reference"))
    return _VERSION.sub("", written) if "/_history/" in written else written
