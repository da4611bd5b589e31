"""JSON in and out, strictly: numbers keep their digits and nothing is guessed.

Python's own parser takes ``NaN`` (which is neither below -2.5 nor above -1.0), lets the last of two equal
keys win (so that a status can be flipped) and turns 1e999 into infinity. Here such a place is a *defect*. One
defect inside a resource of a Bundle withdraws that resource (``Unreadable``) and leaves its neighbours;
anywhere else the document is refused as a whole. Nearly every document has none, which is found out fast;
only one in doubt is read in Python's way, with a look at each of its objects, which finds the place.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from json import JSONDecodeError, JSONDecoder
from typing import Any

import msgspec
import orjson

from adapter.errors import SoftwareFault

# One value of JSON. Its shape is the sender's, and no class could say more: whoever reads it asks what it is.
JsonValue = Any
# A resource, or a part of one: what `parse` gives and `write` takes.
Json = dict[str, JsonValue]
ReadOnlyJson = Mapping[str, JsonValue]  # of somebody else, to be looked at only

DEFECTIVE = "holds NaN, a repeated key, an absurd number or a forbidden character, or is nested too deeply"
MAX_DEPTH = 64
_AROUND = 6  # levels around a resource in the answer to a batch of searches
_MAX_DIGITS = 64
_MAX_EXPONENT = 1000  # far beyond any measurement; keeps int(Decimal("1e999999999")) from filling the memory
# NUL, half a character, and a colon that does not look like one.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|003[aA]|[dD][89a-fA-F])")
# What may stand at the end of a document that broke off: nothing, or the beginning of a
# word, a number or an escape.
_BEGUN = re.compile(r"|t|tr|tru|f|fa|fal|fals|n|nu|nul|-|\.|[eE][+-]?|u[0-9a-fA-F]{0,4}")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
# How orjson begins the line of what stands that deep, two blanks for each level; in a text no line begins.
_DEEP = b"\n" + 2 * MAX_DEPTH * b" "


class Unparsable(ValueError):
    """Not a document to work with. The message never quotes the document."""

    def __init__(self, reason: str, *, truncated: bool = False, line: int | None = None) -> None:
        super().__init__(reason)
        self.truncated = truncated
        self.line = line  # where it stops being JSON


class Unreadable(Json):
    """Stands where a resource of a Bundle was that must not be believed."""


class _Defect(Json):
    """Stands where the parser met something that strict JSON or FHIR does not allow."""


def _object(pairs: list[tuple[str, JsonValue]]) -> Json:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Defect()


def _picky_object(pairs: list[tuple[str, JsonValue]]) -> Json:
    """PostgreSQL refuses NUL and half a character."""
    for _, value in pairs:
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and _FORBIDDEN.search(text):
                return _Defect()
    return _object(pairs)


def _decimal(digits: str) -> Decimal | _Defect:
    return _Defect() if _absurd(digits) else Decimal(digits)


def _integer(digits: str) -> int | _Defect:
    return int(digits) if len(digits) <= _MAX_DIGITS else _Defect()


def _absurd(digits: str) -> bool:
    """Whether a number with a fraction or an exponent has more digits than anything that was measured."""
    mantissa, _, exponent = digits.lower().partition("e")
    return (
        len(mantissa) > _MAX_DIGITS or len(exponent) > len("-1000") or abs(int(exponent or 0)) > _MAX_EXPONENT
    )


# What the same digits say never changes, and a few thousand measurements have few digits between them.
@lru_cache(2_048)
def _plausible(digits: str) -> Decimal:
    if _absurd(digits):
        raise ValueError
    return Decimal(digits)


def _strict(read_object: Callable[[list[tuple[str, JsonValue]]], Json]) -> JSONDecoder:
    """Puts a defect where strict JSON or FHIR does not allow what stands there."""
    return JSONDecoder(
        object_pairs_hook=read_object,
        parse_float=_decimal,
        parse_int=_integer,
        parse_constant=lambda _: _Defect(),
    )


_DECODER = msgspec.json.Decoder(float_hook=_plausible)
_STRICT = _strict(_object)
_PICKY = _strict(_picky_object)  # for documents with an escape that may be NUL or half a character


def parse(raw: bytes) -> Json:
    """One JSON object; raises Unparsable."""
    sound = _without_doubt(raw)
    if isinstance(sound, dict):
        return sound
    document = _decoded(raw)
    if not isinstance(document, dict) or isinstance(document, _Defect):
        raise Unparsable("is not one JSON object with unique keys")
    if _defective(document):
        _withdraw(document)
        if _defective(document):
            raise Unparsable(DEFECTIVE)
    return document


def parse_value(raw: bytes) -> JsonValue:
    """Any JSON value, as long as there is no defect anywhere in it; raises Unparsable."""
    if (sound := _without_doubt(raw)) is not None:
        return sound
    value = _decoded(raw)
    if _defective(value):
        raise Unparsable(DEFECTIVE)
    return value


def write(document: object) -> bytes:
    """Decimals are written as plain JSON numbers with the digits they have; NaN raises SoftwareFault."""
    try:
        text = orjson.dumps(document, default=_number)
    except TypeError:
        text = None
    # orjson writes NaN as null, without a word
    if text is None or (b"null" in text and _holds_nan(document)):
        raise SoftwareFault("A resource to be sent holds something that JSON cannot say.")
    return text


def _without_doubt(raw: bytes) -> JsonValue:
    """The value, where nothing in it can be a defect; else ``None``.

    Of two equal keys the decoder keeps the last. A key that is lost takes its colon along, so a document that
    comes out with as many colons as it has lost none; one whose texts have colons in disguise is in doubt.
    Written in lines, it shows its depth too.
    """
    if _has_suspect_escape(raw):
        return None
    try:
        value = _DECODER.decode(raw)
        written = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2)
    except (msgspec.MsgspecError, RecursionError, TypeError):  # TypeError: an integer of more than 64 bits
        return None
    return value if _DEEP not in written and written.count(b":") == raw.count(b":") else None


def _decoded(raw: bytes) -> JsonValue:
    """Raises outside the handlers: the JSONDecodeError of a handler carries the whole document."""
    decoder = _PICKY if _has_suspect_escape(raw) else _STRICT
    text = ""
    try:
        text = raw.decode("utf-8-sig").rstrip()
        return decoder.decode(text)
    except JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated string") or bool(_BEGUN.fullmatch(text, error.pos))
        problem = Unparsable("ends too early" if cut else "is not JSON", truncated=cut, line=error.lineno)
    except RecursionError:
        problem = Unparsable("is nested too deeply")
    except UnicodeDecodeError:
        problem = Unparsable("is not UTF-8")
    raise problem


def _has_suspect_escape(raw: bytes) -> bool:
    return b"\\" in raw and _SUSPECT_ESCAPE.search(raw) is not None


def _defective(document: object) -> bool:
    """Is there a defect anywhere, or too much depth? Goes down level by level, without recursion."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(MAX_DEPTH + 1 + (_AROUND if _is_bundle(document) else 0)):
        if not level:
            return False
        if any(type(node) is _Defect for node in level):
            return True
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
    return True


def _children(node: object) -> JsonValue:
    return node.values() if isinstance(node, dict) else node


def _is_bundle(document: object) -> bool:
    return isinstance(document, dict) and document.get("resourceType") == "Bundle"


def _withdraw(bundle: Json) -> None:
    entries = bundle.get("entry")
    if not _is_bundle(bundle) or not isinstance(entries, list):
        return
    for index, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and _defective(resource):
            _withdraw(resource)  # the answer to a batch of searches is a Bundle of Bundles
            if _defective(resource):
                entry["resource"] = Unreadable()
        if _defective(entry):
            entries[index] = {"resource": Unreadable()}


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode("ascii"))
    raise TypeError


def _holds_nan(node: object) -> bool:
    if isinstance(node, dict | list | tuple):
        return any(_holds_nan(child) for child in _children(node))
    return isinstance(node, float) and not math.isfinite(node)
