"""A decision on file: what went in, which pathway decided, on which day, and what came out.

As JSON, and back.

Nothing is lost on the way: decimals are text with the digits that were reported, days are ISO dates,
sets are sorted. The same decision is the same bytes on every machine and in every year, which is what
``canonical_bytes`` is for. There is no name and no identifier in it, but everything that was known
about the bones of one patient.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from adapter.clinical import BoneRecord, Decision
from adapter.errors import ConfigurationFault
from adapter.input.wire_json import JsonValue

FORMAT = "osteo-handover decision 1"
_TEXT, _DAY = TypeAdapter(str), TypeAdapter(date)
_RECORD, _DECISION = TypeAdapter(BoneRecord), TypeAdapter(Decision)
_FIELDS = ("format", "pathway", "parameters", "on", "record", "decision")

T = TypeVar("T")


class UnusableRecord(ConfigurationFault):
    """A file without a decision, or with one that this version reads only in part. Quotes no patient."""


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """One decision with its inputs; ``pathway`` and ``parameters`` are what to load, as settings name it."""

    pathway: str
    on: date
    record: BoneRecord = field(repr=False)
    decision: Decision = field(repr=False)
    parameters: Mapping[str, object] = field(default_factory=dict)

    def under(self, pathway: str) -> "StoredDecision":
        """The same inputs, to be decided by another pathway with its own parameters."""
        return replace(self, pathway=pathway, parameters={})


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two decisions differ; None is *not there*."""

    place: str
    then: JsonValue
    now: JsonValue


def canonical_bytes(content: Decision | BoneRecord) -> bytes:
    """The one way to write it: keys in order, no white space, UTF-8."""
    return orjson.dumps(content, default=_as_json_value, option=orjson.OPT_SORT_KEYS)


def dump(stored: StoredDecision) -> bytes:
    """The file of a decision, with line breaks, so that two of them can be compared line by line."""
    content = {
        "format": FORMAT,
        "pathway": stored.pathway,
        "parameters": _marked(stored.parameters),
        "on": stored.on,
        "record": stored.record,
        "decision": stored.decision,
    }
    return (
        orjson.dumps(content, default=_as_json_value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
        + b"\n"
    )


def load(content: bytes) -> StoredDecision:
    """The decision of a file. Raises ``UnusableRecord``, also for a field that this version does not know."""
    try:
        held = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UnusableRecord(f"not JSON, line {error.lineno}") from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise UnusableRecord(f'no decision on file: "format" must be {FORMAT!r}')
    if held.keys() != set(_FIELDS):
        raise UnusableRecord(f"a decision on file has exactly these fields: {', '.join(_FIELDS)}")
    return StoredDecision(
        pathway=_validated(_TEXT, held["pathway"], "pathway"),
        on=_validated(_DAY, held["on"], "on"),
        record=_validated(_RECORD, held["record"], "record"),
        decision=_validated(_DECISION, held["decision"], "decision"),
        parameters=_unmarked(held["parameters"]),
    )


def differences(then: Decision, now: Decision) -> tuple[Difference, ...]:
    """Every place where they differ; outputs are compared by code, not by position in a list."""
    old, new = (dict(_places(orjson.loads(canonical_bytes(it)))) for it in (then, now))
    return tuple(
        Difference(place, old.get(place), new.get(place))
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    )


def _validated(kind: TypeAdapter[T], held: JsonValue, name: str) -> T:
    """Strictly, and back again: whatever this version would drop in silence is a fault."""
    try:
        value = kind.validate_json(orjson.dumps(held), strict=True)
    except ValidationError as errors:
        places = {".".join(map(str, (name, *error["loc"]))) for error in errors.errors(include_input=False)}
        raise UnusableRecord(f"cannot be read: {', '.join(sorted(places))}") from None
    kept = dict(_places(orjson.loads(orjson.dumps(value, default=_as_json_value)), name))
    if lost := [place for place, _ in _places(held, name) if place not in kept]:
        raise UnusableRecord(f"not known to this version: {', '.join(lost)}")
    return value


def _as_json_value(value: object) -> JsonValue:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # a `ReviewDay` too
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"nothing of a decision is a {type(value).__name__}")


def _places(value: JsonValue, place: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Each leaf with its address; an empty list or object is a leaf too."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _places(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and value:
        seen: dict[str, int] = {}
        for item in value:
            name = _name(item)
            seen[name] = seen.get(name, 0) + 1
            yield from _places(item, f"{place}[{name}{f'#{seen[name]}' if seen[name] > 1 else ''}]")
    else:
        yield place, value


def _name(item: JsonValue) -> str:
    """What tells an item of a list from its neighbours: its code and detail, its first part, or itself."""
    if isinstance(item, dict):
        return ":".join(str(item[key]) for key in ("code", "detail", "site", "reason") if item.get(key))
    return str(item[0]) if isinstance(item, list) and item else str(item)


def _marked(value: object) -> JsonValue:
    """Decimals as ``{"decimal": text}``, because parameters are of any type."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list | tuple) else value


def _unmarked(value: object) -> JsonValue:
    if isinstance(value, dict):
        if value.keys() == {"decimal"}:
            return Decimal(value["decimal"])
        return {key: _unmarked(item) for key, item in value.items()}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value
