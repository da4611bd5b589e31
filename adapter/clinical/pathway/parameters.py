"""The numbers of a pathway: layered, later ones over earlier ones, each keeping the kind of value it had."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeGuard

from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.value_kinds import Misfit, Parameters, ParameterValue, Place, misfits, word_of

CHOICE = {"choose", "by", "otherwise"}


def merged(*layers: Parameters) -> dict[str, ParameterValue]:
    """Later layers win; tables are merged, everything else is replaced."""
    result: dict[str, ParameterValue] = {}
    for layer in layers:
        for key, value in layer.items():
            held = result.get(key)
            result[key] = (
                merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
            )
    return result


class _Choice(NamedTuple):
    """An entry of a table; the first of the keys that the table has counts."""

    table: Parameters
    keys: tuple[ParameterValue, ...]

    @property
    def entry(self) -> ParameterValue:
        return next(
            (self.table[key] for key in self.keys if isinstance(key, str) and key in self.table), None
        )


def chosen(parameters: Parameters) -> dict[str, ParameterValue]:
    """Resolve ``{choose: table, by: parameter, otherwise: key}`` to the entry of the table (C-42)."""
    choices = {name: _choice(value, parameters) for name, value in parameters.items() if _is_choice(value)}
    return {**parameters, **{name: choice.entry for name, choice in choices.items() if choice is not None}}


def unusable_choices(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """The choices that name no table, or nothing to choose by, with what is to be done."""
    for name, value in parameters.items():
        if _is_choice(value) and _choice(value, parameters) is None:
            yield name, f"{name!r} is to be chosen from a table by a parameter: 'choose' and 'by' name them"


def _choice(written: Parameters, parameters: Parameters) -> _Choice | None:
    match written:
        case {"choose": str() as table, "by": str() as by, "otherwise": str() | int() | None as otherwise}:
            entries, key = parameters.get(table), parameters.get(by)
            if isinstance(entries, Mapping | None) and isinstance(key, str | int | None):
                return _Choice(entries or {}, (key, otherwise))
            return None
        case _:
            return None


def mismatches(
    earlier: Parameters, later: Parameters, *, closed: bool = False, place: Place = ()
) -> Iterator[Misfit]:
    """Where ``later`` gives another kind of value than ``earlier``; ``closed`` refuses new names as well."""
    for name, value in later.items():
        here = (*place, name)
        if name not in earlier:
            if closed:
                yield here, f"no parameter {name!r}; known: {', '.join(sorted(map(str, earlier)))}"
            continue
        held = earlier[name]
        if isinstance(held, Mapping) and isinstance(value, Mapping) and not _is_choice(held):
            yield from mismatches(held, value, place=here)
        elif (wanted := _kind(held)) and (given := _kind(value)) and wanted != given:
            yield here, f"{name!r} is {given}, and {wanted} is wanted"


def settings_faults(layers: Sequence[Parameters], settings: Parameters) -> list[str]:
    """What is wrong with an institution's settings over a pathway's parameters, in sentences."""
    held = merged(*layers)
    whole = misfits(merged(held, settings), CoreParameters)
    faults = dict((*((it for it in whole if it[0][0] in settings)), *mismatches(held, settings, closed=True)))
    return [f"{'.'.join(map(str, place))}: {message}" for place, message in faults.items()]


def _kind(value: ParameterValue) -> str | None:
    """The word for a kind of value; None where nothing is set or where it depends on another parameter."""
    return None if value is None or _is_choice(value) else word_of(value)


def _is_choice(value: ParameterValue) -> TypeGuard[Parameters]:
    return isinstance(value, Mapping) and value.keys() == CHOICE
