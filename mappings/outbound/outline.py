"""What a resource is made of, without its values: its shape, and everything that it points to."""

from typing import Any, NamedTuple

from adapter.wire_json import Json

_HOLDS = frozenset({dict, list})


class Outline(NamedTuple):
    """A resource without its values, as a number, and every literal reference in it: both come of one walk."""

    shape: int
    references: frozenset[str]


def outline_of(resource: Json) -> Outline:
    """Which elements it has, of which kinds, however often they repeat; and what they point to."""
    cited: list[str] = []
    return Outline(_shape(resource, cited), frozenset(cited))


def _shape(value: Any, cited: list[str]) -> int:
    """Written for speed: it walks through everything that leaves, where a call per leaf would cost more than the models."""
    if type(value) is dict:
        if type(literal := value.get("reference")) is str:
            cited.append(literal)
        kinds = [_shape(it, cited) if type(it) in _HOLDS else type(it) for it in value.values()]
        return hash((*value, *kinds))  # we write our elements in one order: another order is another shape
    return hash(frozenset([_shape(it, cited) if type(it) in _HOLDS else type(it) for it in value]))
