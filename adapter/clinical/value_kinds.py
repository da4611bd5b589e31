"""The values that rules work with: what a fact may be, what a pathway file may hold, and what does not fit.

A member of an enumeration is a text here. ``None`` is *unknown* in a fact, and *not set* in a parameter.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Literal, TypeGuard, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

T = TypeVar("T")

Number = int | Decimal  # as the file writes it: 12 and 12.0 are the same number of months
Scalar = bool | Number | str | date
FactValue = Scalar | tuple[Scalar, ...] | frozenset[str] | None
FactValues = Mapping[str, FactValue]

ParameterValue = Scalar | Sequence["ParameterValue"] | Mapping[str, "ParameterValue"] | None
Parameters = Mapping[str, ParameterValue]

Place = tuple[str | int, ...]  # the way to a value in plain data: keys, and positions in lists
Misfit = tuple[Place, str]  # where a value is of another kind than is wanted there, in a sentence

WORDS: Mapping[object, str] = {
    bool: "true or false", int: "a number", Decimal: "a number", str: "a text", date: "a day",
    Sequence: "a list", Mapping: "a table", NoneType: "not set",
}  # fmt: skip


def word_of(value: object) -> str:
    """The kind of a value in words."""
    words = (word for kind, word in WORDS.items() if isinstance(kind, type) and isinstance(value, kind))
    return next(words, "no plain value")


def fits(value: object, kind: type[T]) -> TypeGuard[T]:
    """Whether plain data is what an annotation says, in every part that the annotation speaks of."""
    return not misfits(value, kind)


def misfits(value: object, kind: object, place: Place = ()) -> list[Misfit]:
    """Where plain data is not what an annotation says; a ``TypedDict`` says it of each entry of a table."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        found = [misfits(value, part, place) for part in parts]
        inside = [faults for faults in found if all(where != place for where, _ in faults)]
        return min(inside, key=len) if inside else [(place, _sentence(place, word_of(value), kind))]
    if origin is Literal:
        return (
            []
            if value in parts
            else [(place, f"{value!r} is not allowed; allowed: {', '.join(map(str, parts))}")]
        )
    if is_typeddict(kind) and isinstance(value, Mapping):
        return _in_table(value, kind, place)
    if origin is Mapping and isinstance(value, Mapping):
        return [misfit for name, item in value.items() for misfit in misfits(item, parts[1], (*place, name))]
    if origin is Sequence and isinstance(value, list | tuple):
        return [
            misfit for index, item in enumerate(value) for misfit in misfits(item, parts[0], (*place, index))
        ]
    return [] if _is_a(value, kind) else [(place, _sentence(place, word_of(value), kind))]


def _in_table(table: Mapping[str, object], kind: object, place: Place) -> list[Misfit]:
    kinds, required = _entries(kind)
    given = [
        misfit
        for name in kinds
        if name in table
        for misfit in misfits(table[name], kinds[name], (*place, name))
    ]
    missing = [name for name in kinds if name in required and name not in table]
    return given + [((*place, name), _sentence((name,), "missing", kinds[name])) for name in missing]


@cache
def _entries(kind: object) -> tuple[Mapping[str, object], frozenset[str]]:
    """The kinds of the entries of a table, and which of them must be there."""
    return get_type_hints(kind), getattr(kind, "__required_keys__", frozenset())


def _is_a(value: object, kind: object) -> bool:
    """A truth value is no number here, and a text no list."""
    if isinstance(value, bool | str):
        return kind is type(value)
    return isinstance(kind, type) and not is_typeddict(kind) and isinstance(value, kind)


def _sentence(place: Place, given: str, kind: object) -> str:
    parts = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    kinds = [Mapping if is_typeddict(part) else get_origin(part) or part for part in parts]
    words = dict.fromkeys(WORDS[it] for it in kinds if it in WORDS and it is not NoneType)
    last = place[-1] if place else "it"
    name = f"entry {last + 1}" if isinstance(last, int) else repr(last)
    return f"{name} is {given}, and {' or '.join(words)} is wanted"
