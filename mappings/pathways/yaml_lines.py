"""YAML with exact decimals and with the line of every place, so that a fault can be shown where it stands."""

import re
from decimal import Decimal
from typing import Any

import yaml

Place = tuple[str | int, ...]


BOOL = "tag:yaml.org,2002:bool"


# The parser in C reads a pathway in 60 ms instead of 450; where PyYAML was built without it, its own does the same.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc] # one of two classes with the same methods
    """Safe YAML whose numbers keep their digits, whose keys may not stand twice, and where ``off`` is a word.

    PyYAML reads YAML 1.1, in which a bare off, on, yes or no is a truth value; here it is true and false only (1.2).
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the class above has it
        first: [(tag, pattern) for tag, pattern in known if tag != BOOL]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node).replace("_", ""))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if str(key.value) in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} stands here twice", key.start_mark
            )
        seen.add(str(key.value))
    held: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return held


_Loader.add_implicit_resolver(BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse(text: str) -> Any:
    """The document as plain data; raises ``yaml.YAMLError`` with a line."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, with decimals


def line_of(text: str, place: Place) -> int:
    """Line (from 1) of the deepest node on the way to ``place`` that exists."""
    node = yaml.compose(text, Loader=_Loader)
    line = 1
    for step in place:
        found = _child(node, step)
        if found is None:
            break
        mark, node = found
        line = mark.line + 1
    return line


def _child(node: Any, step: str | int) -> tuple[yaml.Mark, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None
