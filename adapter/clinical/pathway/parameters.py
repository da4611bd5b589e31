"""The numbers of a pathway: layered, later ones over earlier ones, each keeping the kind of value it had."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Place = tuple[str | int, ...]
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, Decimal), "a number"),
    (str, "a text"),
    ((list, tuple), "a list"),
    (Mapping, "a table"),
)
CHOICE = {"choose", "by", "otherwise"}


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win; tables are merged, everything else is replaced."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = merged(result[key], value) if both else value
    return result


def chosen(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve ``{choose: table, by: parameter, otherwise: key}`` to the entry of the table (C-42)."""
    resolved = dict(parameters)
    for name, value in parameters.items():
        if _is_choice(value) and _can_choose(value, parameters):
            table = parameters.get(value["choose"]) or {}
            resolved[name] = table.get(parameters.get(value["by"]), table.get(value["otherwise"]))
    return resolved


def unusable_choices(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The choices that name no table, or nothing to choose by, with what is to be done."""
    for name, value in parameters.items():
        if _is_choice(value) and not _can_choose(value, parameters):
            yield name, f"{name!r} is to be chosen from a table by a parameter: 'choose' and 'by' name them"


def _can_choose(choice: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    names = all(isinstance(choice[word], str) for word in ("choose", "by"))
    return (
        names
        and isinstance(parameters.get(choice["choose"]), Mapping | None)
        and isinstance(parameters.get(choice["by"]), str | int | None)
        and isinstance(choice["otherwise"], str | int | None)
    )


def mismatches(
    earlier: Mapping[str, Any], later: Mapping[str, Any], *, closed: bool = False, place: Place = ()
) -> Iterator[tuple[Place, str]]:
    """Where ``later`` gives another kind of value than ``earlier``; ``closed`` refuses new names as well."""
    for name, value in later.items():
        here = (*place, name)
        if name not in earlier:
            if closed:
                yield here, f"no parameter {name!r}; known: {', '.join(sorted(map(str, earlier)))}"
        elif (
            isinstance(earlier[name], Mapping)
            and isinstance(value, Mapping)
            and not _is_choice(earlier[name])
        ):
            yield from mismatches(earlier[name], value, place=here)
        elif (wanted := _kind(earlier[name])) and (given := _kind(value)) and wanted != given:
            yield here, f"{name!r} is {given}, and {wanted} is wanted"


def settings_faults(layers: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with an institution's settings over a pathway's parameters, in sentences."""
    return [
        f"{'.'.join(map(str, place))}: {message}"
        for place, message in mismatches(merged(*layers), settings, closed=True)
    ]


def _kind(value: object) -> str | None:
    """The word for a kind of value; None where nothing is set or where it depends on another parameter."""
    return (
        None if _is_choice(value) else next((word for kind, word in KINDS if isinstance(value, kind)), None)
    )


def _is_choice(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == CHOICE
