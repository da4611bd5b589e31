"""One search criterion, `key=value`, as an SQL condition on the versions `v` of one type."""

# ruff: noqa: S608 - what is put into SQL as text is our own; values are arguments, dates are numbers by then

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from workers.sandbox.query.date_ranges import date_condition
from workers.sandbox.query.search_index import ONE_TYPE, fold_text, reference_target
from workers.sandbox.query.search_parameters import PARAMETERS, ParameterType, SearchParameter
from workers.sandbox.wire import RequestRefused

# SQLite limits how deep an expression may be; longer OR lists are cut into pieces.
_CHUNK = 400

_MODIFIERS: Mapping[ParameterType, frozenset[str]] = MappingProxyType(
    {
        "token": frozenset({"", "not"}),
        "string": frozenset({"", "exact", "contains"}),
        "reference": frozenset({"", "identifier", *PARAMETERS}),
        "date": frozenset({""}),
        "uri": frozenset({""}),
    }
)


class UnknownParameter(Exception):
    """The type has no such search parameter."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """SQL with arguments; `probe` says the same with these, cheaper if few resources are left to ask.

    SQLite does not know which of two criteria leaves few; `narrow` ones (ids and
    references) are taken to do so.
    """

    sql: str
    args: tuple[object, ...] = ()
    probe: str = ""
    narrow: bool = False


def criterion(type_: str, key: str, value: str, base: str) -> Criterion:
    """The condition for one parameter.

    Raises Unknown, or RequestRefused for a value or modifier that makes no sense.
    """
    head, _, rest = key.partition(".")
    name, _, modifier = head.partition(":")
    if name in ("_id", "_lastUpdated"):
        return _column_criterion(name, modifier, value)
    parameter = PARAMETERS[type_].get(name)
    if parameter is None:
        raise UnknownParameter(key)
    if rest:
        return _chain_criterion(type_, parameter, modifier, rest, value, base)
    if modifier == "missing":
        return _missing_criterion(type_, name, value)
    if modifier not in _MODIFIERS[parameter.kind]:
        raise RequestRefused(400, "not-supported", f"Modifier ':{modifier}' is not supported on '{name}'.")
    negated = "NOT " if modifier == "not" else ""
    found = _alternative(_alternatives(parameter, modifier, split_values(value), base))
    name = f"{name}:identifier" if modifier == "identifier" else name
    where = f"i.type = ? AND i.name = ? AND ({found.sql})"
    return Criterion(
        f"v.seq {negated}IN (SELECT i.seq FROM indexed i WHERE {where})",
        (type_, name, *found.args),
        f"{negated}EXISTS (SELECT 1 FROM indexed i INDEXED BY by_version WHERE i.seq = v.seq AND {where})",
        narrow=parameter.kind == "reference",
    )


def split_values(value: str, separator: str = ",") -> list[str]:
    """The values of a list; a backslash keeps a separator from separating."""
    return [part for part in re.split(rf"(?<!\\){re.escape(separator)}", value) if part]


def _unescape(value: str) -> str:
    return re.sub(r"\\([,|$\\])", r"\1", value)


def _column_criterion(name: str, modifier: str, value: str) -> Criterion:
    if modifier:
        raise RequestRefused(400, "not-supported", f"Modifier ':{modifier}' is not supported on '{name}'.")
    if name == "_id":
        return replace(_member_criterion("v.id", split_values(value)), narrow=True)
    return _alternative(Criterion(date_condition(date, "v.at", "(v.at + 1)")) for date in split_values(value))


def _chain_criterion(
    type_: str, parameter: SearchParameter, modifier: str, rest: str, value: str, base: str
) -> Criterion:
    """`patient.identifier=x`: one level, into the type named or implied, or any with the parameter."""
    if parameter.kind != "reference" or "." in rest:
        raise RequestRefused(
            400, "not-supported", "Only one level of chaining, from a reference, is supported."
        )
    implied = modifier or ONE_TYPE.get(parameter.name)
    targets = (
        [implied]
        if implied
        else [name for name in PARAMETERS if rest.split(":", maxsplit=1)[0] in PARAMETERS[name]]
    )
    if modifier and modifier not in PARAMETERS:
        raise RequestRefused(400, "value", f"'{modifier}' is no resource type.")
    parts: list[str] = []
    args: list[object] = []
    for name in targets:
        inner = criterion(name, rest, value, base)
        parts.append(f"(v.type = '{name}' AND {inner.sql})")
        args += inner.args
    return Criterion(
        "v.seq IN (SELECT i.seq FROM indexed i JOIN versions v ON v.type = i.system AND v.id = i.value AND v.head = 1 "
        f"AND v.body IS NOT NULL WHERE i.type = ? AND i.name = ? AND ({' OR '.join(parts)}))",
        (type_, parameter.name, *args),
    )


def _missing_criterion(type_: str, name: str, value: str) -> Criterion:
    if value not in ("true", "false"):
        raise RequestRefused(400, "value", "The modifier ':missing' takes true or false.")
    negated = "NOT " if value == "true" else ""
    where = "i.type = ? AND i.name = ?"
    return Criterion(
        f"v.seq {negated}IN (SELECT i.seq FROM indexed i WHERE {where})",
        (type_, name),
        f"{negated}EXISTS (SELECT 1 FROM indexed i INDEXED BY by_version WHERE i.seq = v.seq AND {where})",
    )


def _alternatives(
    parameter: SearchParameter, modifier: str, values: list[str], base: str
) -> Iterable[Criterion]:
    match parameter.kind:
        case "token":
            return _tokens(values)
        case "reference" if modifier == "identifier":
            return _tokens(values)
        case "reference":
            return _references(parameter.name, modifier, values, base)
        case "date":
            return [Criterion(date_condition(value, "i.lo", "i.hi")) for value in values]
        case "string":
            matches = _STRINGS[modifier]
            return [matches(_unescape(value)) for value in values]
        case "uri":
            return [_member_criterion("i.value", [_unescape(value) for value in values])]


def _tokens(values: list[str]) -> Iterable[Criterion]:
    """`code`, `system|code`, `|code` (no system) and `system|` (any code of it)."""
    anywhere, by_system = [], defaultdict(list)
    for value in values:
        system, bar, code = _token_parts(value)
        if not bar:
            anywhere.append(code)
        elif code:
            by_system[system].append(code)
        else:
            yield Criterion("i.system = ?", (system,))
    if anywhere:
        yield _member_criterion("i.value", anywhere)
    for system, codes in by_system.items():
        found = _member_criterion("i.value", codes)
        implied = " OR i.system IS NULL" if system else ""
        yield Criterion(f"({found.sql} AND (i.system = ?{implied}))", (*found.args, system))


def _token_parts(value: str) -> tuple[str, bool, str]:
    system, bar, code = next(
        ((value[: bar.start()], True, value[bar.end() :]) for bar in re.finditer(r"(?<!\\)\|", value)),
        ("", False, value),
    )
    return _unescape(system), bar, _unescape(code)


def _references(name: str, modifier: str, values: list[str], base: str) -> Iterable[Criterion]:
    """`Type/id`, `id` and URLs, grouped so that a list of many patients is one lookup in the index."""
    implied = modifier or ONE_TYPE.get(name)
    by_type: dict[str | None, list[str]] = defaultdict(list)
    for value in map(_unescape, values):
        found = reference_target(value, base) if "/" in value or ":" in value else (implied, value)
        if found and (not implied or found[0] in (implied, "")):
            by_type[found[0]].append(found[1])
    for type_, ids in by_type.items():
        among = _member_criterion("i.value", ids)
        if type_ is None:
            yield Criterion(f"({among.sql} AND i.system <> '')", among.args)
        else:
            yield Criterion(f"({among.sql} AND i.system = ?)", (*among.args, type_))


def _prefix_criterion(text: str) -> Criterion:
    return Criterion("(i.value >= ? AND i.value < ?)", (fold_text(text), fold_text(text) + "\U0010ffff"))


_STRINGS: Mapping[str, Callable[[str], Criterion]] = MappingProxyType(
    {
        "": _prefix_criterion,
        "exact": lambda text: Criterion("i.system = ?", (text,)),
        "contains": lambda text: Criterion("instr(i.value, ?) > 0", (fold_text(text),)),
    }
)


def _member_criterion(column: str, values: list[str]) -> Criterion:
    return Criterion(f"{column} IN ({','.join('?' * len(values))})", tuple(values))


def _alternative(alternatives: Iterable[Criterion]) -> Criterion:
    """OR; a search for nothing finds nothing."""
    found = list(alternatives)
    pieces = [found[start : start + _CHUNK] for start in range(0, len(found), _CHUNK)]
    sql = " OR ".join("(" + " OR ".join(item.sql for item in piece) + ")" for piece in pieces)
    return Criterion(f"({sql or '0'})", tuple(arg for item in found for arg in item.args))
