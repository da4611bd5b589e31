"""The small language of a rule's ``when``: comparisons over named facts, with a third truth value for unknown.

Rules of the language itself:

* an expression is ordinary Python comparison syntax (``51 <= age <= 70 and not pregnant``), nothing else of Python;
* ``None`` is *unknown*: it runs through comparisons, ``and``, ``or`` and ``not`` as in Kleene's strong logic, so
  ``unknown or true`` is true, ``unknown and true`` is unknown;
* a rule fires on ``True`` only, therefore never on something that nobody recorded;
* ``known(x)`` and ``unknown(x)`` are the only two ways to talk about not knowing, and they are always decided.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Facts = Mapping[str, Any]
Evaluate = Callable[[Facts], Any]

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nothing": None}


class ExpressionFault(ValueError):
    """An expression that is not of this language; the message says what is allowed instead."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: its text, the facts it names, and how to evaluate it."""

    text: str
    names: tuple[str, ...]
    evaluate: Evaluate

    def __call__(self, facts: Facts) -> Any:
        """Evaluate over the facts; ``None`` is unknown."""
        return self.evaluate(facts)


def compile_expression(text: str, parameters: Mapping[str, Any], names: frozenset[str]) -> Expression:
    """Compile ``text``; ``param.x`` is replaced by its value now, every other name must be in ``names``.

    Raises ``ExpressionFault`` for anything outside the language.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionFault(f"not readable near column {error.offset}: {text!r}") from None
    compiler = _Compiler(parameters, names)
    evaluate = compiler.compile(tree)
    return Expression(text.strip(), tuple(sorted(compiler.used)), evaluate)


class _Compiler:
    """One pass over the syntax tree, one method per allowed node."""

    def __init__(self, parameters: Mapping[str, Any], names: frozenset[str]) -> None:
        self.parameters = parameters
        self.names = names
        self.used: set[str] = set()

    def compile(self, node: ast.expr) -> Evaluate:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ExpressionFault(
                f"{ast.unparse(node)!r} is not allowed: use facts, numbers, comparisons, and/or/not, known(), unknown()"
            )
        evaluate: Evaluate = method(node)
        return evaluate

    def _name(self, node: ast.Name) -> Evaluate:
        if node.id in CONSTANTS:
            return _constant(CONSTANTS[node.id])
        if node.id not in self.names:
            raise ExpressionFault(f"unknown fact {node.id!r}{_nearest(node.id, self.names)}")
        self.used.add(node.id)
        return operator.itemgetter(node.id)

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        return _constant(Decimal(str(value)) if isinstance(value, float) else value)

    def _attribute(self, node: ast.Attribute) -> Evaluate:
        path = ast.unparse(node).split(".")
        if path[0] != "param":
            raise ExpressionFault(f"{ast.unparse(node)!r}: only param.<name> has a dot")
        value: Any = self.parameters
        for step in path[1:]:
            if not isinstance(value, Mapping) or step not in value:
                known = value if isinstance(value, Mapping) else {}
                raise ExpressionFault(f"unknown parameter {ast.unparse(node)!r}{_nearest(step, frozenset(known))}")
            value = value[step]
        return _constant(tuple(value) if isinstance(value, list) else value)

    def _list(self, node: ast.List) -> Evaluate:
        if not all(isinstance(item, ast.Constant) for item in node.elts):
            raise ExpressionFault(f"{ast.unparse(node)!r}: a list holds plain values only")
        return _constant(tuple(ast.literal_eval(node)))

    def _unaryop(self, node: ast.UnaryOp) -> Evaluate:
        operand = self.compile(node.operand)
        if isinstance(node.op, ast.Not):
            return _negate(operand)
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return _constant(-operand({}))
        raise ExpressionFault(f"{ast.unparse(node)!r}: only 'not' and a minus before a number are allowed")

    def _boolop(self, node: ast.BoolOp) -> Evaluate:
        parts = tuple(self.compile(value) for value in node.values)
        return _all(parts) if isinstance(node.op, ast.And) else _any(parts)

    def _compare(self, node: ast.Compare) -> Evaluate:
        operands = [self.compile(item) for item in (node.left, *node.comparators)]
        steps = []
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            if type(op) not in COMPARE:
                raise ExpressionFault(f"{ast.unparse(node)!r}: compare with ==, !=, <, <=, >, >=, in, not in")
            steps.append(_comparison(COMPARE[type(op)], left, right))
        return steps[0] if len(steps) == 1 else _all(tuple(steps))

    def _call(self, node: ast.Call) -> Evaluate:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("known", "unknown") or len(node.args) != 1 or node.keywords:
            raise ExpressionFault(f"{ast.unparse(node)!r}: the only calls are known(x) and unknown(x)")
        operand = self.compile(node.args[0])
        return (lambda f: operand(f) is not None) if name == "known" else (lambda f: operand(f) is None)


def _constant(value: Any) -> Evaluate:
    return lambda _: value


def _negate(operand: Evaluate) -> Evaluate:
    def negated(facts: Facts) -> bool | None:
        value = operand(facts)
        return None if value is None else not value

    return negated


def _comparison(compare: Callable[[Any, Any], bool], left: Evaluate, right: Evaluate) -> Evaluate:
    def compared(facts: Facts) -> bool | None:
        a, b = left(facts), right(facts)
        return None if a is None or b is None else compare(a, b)

    return compared


def _all(parts: tuple[Evaluate, ...]) -> Evaluate:
    """Kleene conjunction: false wins over unknown, unknown over true."""

    def conjunction(facts: Facts) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(facts)
            if value is None:
                result = None
            elif not value:
                return False
        return result

    return conjunction


def _any(parts: tuple[Evaluate, ...]) -> Evaluate:
    """Kleene disjunction: true wins over unknown, unknown over false."""

    def disjunction(facts: Facts) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(facts)
            if value is None:
                result = None
            elif value:
                return True
        return result

    return disjunction


def _nearest(name: str, known: frozenset[str]) -> str:
    """A hint for a misspelt name, in the order a reader would look for it."""
    candidates = sorted(k for k in known if k[:4] == name[:4] or name in k or k in name)[:5]
    return f"; did you mean {', '.join(candidates)}?" if candidates else ""
