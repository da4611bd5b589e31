"""What stands in an expression beside facts: plain values, written there or in a parameter."""

import ast
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches

from adapter.clinical.value_kinds import FactValue, Parameters, ParameterValue, Scalar


class ExpressionFault(ValueError):
    """An expression that is not of this language; the message says what is allowed instead."""


def plain(node: ast.Constant) -> Scalar:
    """A text, a number or a truth value, as written; numbers keep their digits."""
    match node.value:
        case int() | str() as written:
            return written
        case float() as number:
            return Decimal(str(number))
        case _:
            raise ExpressionFault(f"{ast.unparse(node)!r} is no text, no number and no truth value")


def of_parameter(node: ast.Attribute, parameters: Parameters) -> FactValue:
    """The value of ``param.name`` or ``param.table.name``; of a table the names of its entries."""
    name = ast.unparse(node)
    prefix, *path = name.split(".")
    if prefix != "param":
        raise ExpressionFault(f"{name!r}: only param.<name> has a dot")
    value: ParameterValue = parameters
    for step in path:
        known = value if isinstance(value, Mapping) else {}
        if step not in known:
            raise ExpressionFault(f"unknown parameter {name!r}{nearest(step, frozenset(known))}")
        value = known[step]
    if value is None or isinstance(value, Scalar):
        return value
    items = tuple([item for item in value if isinstance(item, Scalar)])
    if len(items) < len(value):
        raise ExpressionFault(f"{name!r}: a list holds plain values only")
    return items


def nearest(name: str, known: frozenset[str]) -> str:
    """A hint for a name that was cut short or misspelt."""
    longer = sorted(k for k in known if k.startswith(name))[:3]
    candidates = longer or get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f"; did you mean {', '.join(candidates)}?" if candidates else ""
