"""YAML with exact decimals and with the line of every place, so that a fault can be shown where it stands."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn, TypeVar

import yaml

from adapter.clinical.value_kinds import Place

N = TypeVar("N", bound=yaml.Node)

CORE = "tag:yaml.org,2002:"
BOOL = CORE + "bool"
DEEPEST = 40  # levels; a pathway has ten

# The parser in C reads a pathway in 60 ms instead of 450; where PyYAML was built
# without it, its own does the same.
_Parser: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc, valid-type] # one of two classes
    """Safe YAML whose numbers keep their digits, whose keys may not stand twice, and where ``off`` is a word.

    PyYAML reads YAML 1.1, in which a bare off, on, yes or no is a truth value; here it
    is true and false only (1.2).
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the class above has it
        first: [(tag, pattern) for tag, pattern in known if tag != BOOL]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def get_single_node(self) -> yaml.Node | None:
        """The document as a tree; raises a fault for an alias: ten of them can stand for a million values."""
        root: yaml.Node | None = super().get_single_node()
        level, seen = ([root] if root else []), set[int]()
        for _ in range(DEEPEST):
            if not level:
                return root
            for node in level:
                if id(node) in seen:
                    raise _fault("an alias is used: write the value out", node)
                seen.add(id(node))
            level = [child for node in level for child in _children(node)]
        if level:
            raise _fault("nested too deeply", level[0])
        return root


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _fault(says: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, says, node.start_mark)


def _refuse(_: _Loader, node: yaml.Node) -> NoReturn:
    raise _fault(f"this file holds no {node.tag.rpartition(':')[2]}", node)


def _guarded(construct: Callable[[_Loader, N], object]) -> Callable[[_Loader, N], object]:
    """What looks like a number or a day and is none is a fault with a line."""

    def constructed(loader: _Loader, node: N) -> object:
        try:
            return construct(loader, node)
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
            raise _fault(f"is no {node.tag.rpartition(':')[2]}; quote it if it is a text", node) from None

    return constructed


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    value = Decimal(loader.construct_scalar(node).replace("_", ""))
    if not value.is_finite() or abs(value.adjusted()) > DEEPEST:
        raise ValueError("beyond all measure")
    return value


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    if len(node.value) > DEEPEST:
        raise ValueError("beyond all measure")
    number: int = loader.construct_yaml_int(node)
    return number


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    if not isinstance(node, yaml.MappingNode):
        raise _fault("is no table", node)
    seen: set[str] = set()
    for key, _ in node.value:
        if str(key.value) in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} stands here twice", key.start_mark
            )
        seen.add(str(key.value))
    held: dict[object, object] = loader.construct_mapping(node, deep=True)
    return held


_Loader.add_implicit_resolver(BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_constructor(CORE + "float", _guarded(_decimal))
_Loader.add_constructor(CORE + "int", _guarded(_integer))
_Loader.add_constructor(CORE + "bool", _guarded(yaml.SafeLoader.construct_yaml_bool))
_Loader.add_constructor(CORE + "timestamp", _guarded(yaml.SafeLoader.construct_yaml_timestamp))
_Loader.add_constructor(CORE + "map", _mapping)
for odd in ("set", "omap", "pairs", "binary"):
    _Loader.add_constructor(CORE + odd, _refuse)


def parse(text: str) -> object:
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


def _child(node: object, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None
