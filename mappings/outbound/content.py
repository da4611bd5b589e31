"""What JSON says, looked through: as a digest that no server changes, and as an outline without values.

HAPI strips ``/_history/n`` from stored references and re-encodes narratives; others make references absolute
or give ids of their own; ours change with each release (the Device). None of that is a change of content, and
all of it is taken out before hashing. The version of a source survives in the reference's ``display``.

Most of a plan is the same for everybody. Such a piece is a ``Fragment``: it is looked through once per
process, for whoever walks through the resources that it stands in.
"""

import html
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple, NoReturn

import orjson

from adapter.input.wire_json import Json, JsonValue
from mappings.outbound.ids import CONTENT_FINGERPRINT, location_of

_TAG = re.compile(r"<[^>]*>")
_MARK = frozenset({"system", "value"})
_SEVERAL, _NUMBERS = (list, tuple), (int, float, Decimal)
_RESPELT = frozenset({"reference", "div"})  # elements whose text a server may write otherwise


class Outline(NamedTuple):
    """A resource without values, as a number, and its literal references: both come of one walk."""

    shape: int
    references: frozenset[str]


class Fragment(Json):
    """A piece of JSON that stands in the resources of many patients: never changed, so looked through once.

    It refers to nothing outside the resource that it stands in, and no element of it is empty.
    """

    __slots__ = ("lasting", "outline")

    def __init__(self, content: Json) -> None:
        super().__init__({name: _lasting(it) for name, it in content.items()})
        self.outline = outline_of(content)
        # A copy: what orjson gives holds 4 kB, however short it is.
        self.lasting = orjson.Fragment(bytes(memoryview(_written(content, {}))))

    def __reduce__(self) -> tuple[type[Json], tuple[Json]]:
        """A copy is anybody's to change."""
        return dict, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("it stands in the resources of others: change a copy")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse


def _lasting(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_lasting(part) for part in value]
    return Fragment(value) if type(value) is dict else value


def outline_of(resource: Json) -> Outline:
    """Which elements it has, of which kinds, however often they repeat; and what they point to."""
    cited: list[str] = []
    return Outline(_shape(resource, cited), frozenset(cited))


def _shape(value: JsonValue, cited: list[str]) -> int:
    """Written for speed: a call for each leaf of all that leaves would cost more than the models.

    Loops, because a comprehension is a call too (before Python 3.12).
    """
    if type(value) is Fragment:
        cited += value.outline.references
        return value.outline.shape
    if type(value) is dict:
        if type(literal := value.get("reference")) is str:
            cited.append(literal)
        held: object = ()
        for name, part in value.items():
            held = (held, name, str if type(part) is str else _shape(part, cited))
        return hash(held)  # we write our elements in one order: another order is another shape
    if type(value) is list:
        kinds: set[object] = set()
        for part in value:
            kinds.add(str if type(part) is str else _shape(part, cited))
        return hash(frozenset(kinds))
    return hash(type(value))


def digest(content: object, aliases: Mapping[str, str] | None = None) -> str:
    """SHA-256 of any JSON, read as content; ``aliases`` turn a server's own ``Type/id`` into ours."""
    return sha256(_written(content, aliases or {})).hexdigest()


def _written(content: object, aliases: Mapping[str, str]) -> bytes:
    return orjson.dumps(_plain(content, aliases), option=orjson.OPT_SORT_KEYS)


def _plain(value: object, aliases: Mapping[str, str]) -> JsonValue:
    """Passes by text, which is most of it, without a call: it walks through all that is read or written."""
    if isinstance(value, dict):
        if type(value) is Fragment:
            return value.lasting
        if value.get("system") == CONTENT_FINGERPRINT and value.keys() <= _MARK:
            return None
        kept: Json = {}
        for name, it in value.items():
            if isinstance(it, str):
                kept[name] = _respelt(name, it, aliases) if name in _RESPELT else it
            elif (held := _plain(it, aliases)) or held is False:  # null and what is empty say nothing
                kept[name] = held
        return kept
    if isinstance(value, _SEVERAL):
        return _each(value, aliases)
    return _single(value)


def _each(values: Iterable[object], aliases: Mapping[str, str]) -> list[JsonValue]:
    kept: list[JsonValue] = []
    for value in values:
        if (held := _plain(value, aliases)) is not None:
            kept.append(held)  # noqa: PERF401 - a loop, as in the shape
    return kept


def _single(value: object) -> JsonValue:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, _NUMBERS):
        # 2.50 comes back as 2.5 from servers that keep numbers as numbers; R4 wants the digits kept
        # (datatypes.html#decimal).
        return format(Decimal(str(value)).normalize(), "f")
    raise TypeError(f"not JSON: {type(value).__name__}")


def _respelt(name: str, value: str, aliases: Mapping[str, str]) -> str:
    if name == "div":
        return " ".join(html.unescape(_TAG.sub(" ", value)).split())
    location = location_of(value)
    location = aliases.get(location, location)
    # Our Device is another one with each version of the program, and is no change of the plan.
    return "Device" if location.startswith("Device/") else location
