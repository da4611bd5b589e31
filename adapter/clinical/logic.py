"""The small language of a rule's ``when``: comparisons over named facts, with a third truth value for unknown.

Rules of the language itself:

* an expression is ordinary Python comparison syntax (``51 <= age <= 70 and not pregnant``), nothing else of Python;
* ``None`` is *unknown*: it runs through comparisons, ``and``, ``or`` and ``not`` as in Kleene's strong logic, so
  ``unknown or true`` is true, ``unknown and true`` is unknown;
* a rule fires on ``True`` only, therefore never on something that nobody recorded;
* ``known(x)`` and ``unknown(x)`` are the only two ways to talk about not knowing, and they are always decided.

An expression is checked node by node and then written out as one Python lambda in which every unknown is spelt out;
closures over closures did the same at a third of the speed. Nothing of the text itself is ever evaluated.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

Facts = Mapping[str, Any]
Evaluate = Callable[[Facts], Any]

COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nothing": None}


def always(_: Facts) -> bool:
    """The condition of a rule that has none."""
    return True


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
    writer = _Writer(parameters, names)
    source = f"lambda facts: {writer.write(tree)}"
    code = compile(source, f"<{text.strip()}>", "eval")
    scope = {"__builtins__": {}} | writer.constants
    evaluate: Evaluate = eval(code, scope)  # noqa: S307 - the source is the writer's, node by checked node
    return Expression(text.strip(), tuple(sorted(writer.used)), evaluate)


class _Writer:
    """Writes one allowed syntax node after the other as Python that knows a third truth value.

    Each operand is held in a variable of its own (``v1``, ``v2`` ...), so that it is looked up once.
    """

    def __init__(self, parameters: Mapping[str, Any], names: frozenset[str]) -> None:
        self.parameters = parameters
        self.names = names
        self.used: set[str] = set()
        self.constants: dict[str, Any] = {}
        self.variables = 0

    def write(self, node: ast.expr) -> str:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ExpressionFault(
                f"{ast.unparse(node)!r} is not allowed: use facts, numbers, comparisons, and/or/not, known(), unknown()"
            )
        written: str = method(node)
        return written

    def _variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"

    def _value(self, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return str(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = Decimal(str(value)) if isinstance(value, float) else value
        return name

    def _name(self, node: ast.Name) -> str:
        if node.id in CONSTANTS:
            return self._value(CONSTANTS[node.id])
        if node.id not in self.names:
            raise ExpressionFault(f"unknown fact {node.id!r}{_nearest(node.id, self.names)}")
        self.used.add(node.id)
        return f"facts[{node.id!r}]"

    def _constant(self, node: ast.Constant) -> str:
        return self._value(node.value)

    def _attribute(self, node: ast.Attribute) -> str:
        path = ast.unparse(node).split(".")
        if path[0] != "param":
            raise ExpressionFault(f"{ast.unparse(node)!r}: only param.<name> has a dot")
        value: Any = self.parameters
        for step in path[1:]:
            if not isinstance(value, Mapping) or step not in value:
                known = value if isinstance(value, Mapping) else {}
                raise ExpressionFault(
                    f"unknown parameter {ast.unparse(node)!r}{_nearest(step, frozenset(known))}"
                )
            value = value[step]
        return self._value(tuple(value) if isinstance(value, list) else value)

    def _list(self, node: ast.List) -> str:
        if not all(isinstance(item, ast.Constant) for item in node.elts):
            raise ExpressionFault(f"{ast.unparse(node)!r}: a list holds plain values only")
        return self._value(tuple(ast.literal_eval(node)))

    def _unaryop(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            held = self._variable()
            return f"(None if ({held} := {self.write(node.operand)}) is None else not {held})"
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return self._value(-Decimal(str(node.operand.value)))
        raise ExpressionFault(f"{ast.unparse(node)!r}: only 'not' and a minus before a number are allowed")

    def _boolop(self, node: ast.BoolOp) -> str:
        """Kleene: false wins a conjunction, true a disjunction; then unknown; the rest is the other value."""
        wins = not isinstance(node.op, ast.And)
        held = [self._variable() for _ in node.values]
        outcome = f"(None if {' or '.join(f'{v} is None' for v in held)} else {not wins})"
        for variable, part in reversed(list(zip(held, node.values, strict=True))):
            test = f"({variable} := {self._truth(part)})"
            outcome = f"({wins} if {test} is {wins} else {outcome})"
        return outcome

    def _truth(self, node: ast.expr) -> str:
        """A part of a conjunction: a parameter that is a table or a text counts as set or not set."""
        if isinstance(node, ast.Attribute):
            value = self.constants.get(self.write(node), None)
            return str(bool(value)) if value is not None else self.write(node)
        return self.write(node)

    def _compare(self, node: ast.Compare) -> str:
        """A chain of comparisons; one unknown operand makes the whole chain unknown."""
        for op in node.ops:
            if type(op) not in COMPARE:
                raise ExpressionFault(f"{ast.unparse(node)!r}: compare with ==, !=, <, <=, >, >=, in, not in")
        operands = [self.write(item) for item in (node.left, *node.comparators)]
        held = [o if o in self.constants else self._variable() for o in operands]
        unknown = [f"({h} := {o}) is None" for h, o in zip(held, operands, strict=True) if h != o]
        steps = "".join(f" {COMPARE[type(op)]} {h}" for op, h in zip(node.ops, held[1:], strict=True))
        test = f"{held[0]}{steps}"
        return f"(None if {' or '.join(unknown)} else {test})" if unknown else f"({test})"

    def _call(self, node: ast.Call) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("known", "unknown") or len(node.args) != 1 or node.keywords:
            raise ExpressionFault(f"{ast.unparse(node)!r}: the only calls are known(x) and unknown(x)")
        return f"({self.write(node.args[0])} is{' not' if name == 'known' else ''} None)"


def _nearest(name: str, known: frozenset[str]) -> str:
    """A hint for a name that was cut short or misspelt."""
    longer = sorted(k for k in known if k.startswith(name))[:3]
    candidates = longer or get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f"; did you mean {', '.join(candidates)}?" if candidates else ""
