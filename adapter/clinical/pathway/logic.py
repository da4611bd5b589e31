"""The small language of a rule's ``when``: comparisons over named facts, with a third truth value, unknown.

Rules of the language itself:

* an expression is ordinary Python comparison syntax
  (``51 <= age <= 70 and not pregnant``), nothing else of Python;
* ``None`` is *unknown*: it runs through comparisons, ``and``, ``or`` and ``not`` as in Kleene's strong logic,
  so ``unknown or true`` is true, ``unknown and true`` is unknown;
* a rule fires on ``True`` only, therefore never on something that nobody recorded; what is no truth value (a
  number, a list) counts as unknown where one is asked for;
* ``known(x)`` and ``unknown(x)`` are the only two ways to talk about not knowing,
  and they are always decided.

An expression is checked node by node and then written out as Python in which every unknown is spelt
out, each fact a local variable; ``program`` puts those of a stage into one function. Nothing of the
text itself is ever evaluated.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from threading import Lock
from types import CodeType, FunctionType

from adapter.clinical.pathway.plain_values import ExpressionFault, nearest, of_parameter, plain
from adapter.clinical.value_kinds import FactValue, FactValues, Parameters

Evaluate = Callable[[FactValues], FactValue]

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
LONGEST = 2000  # characters; beyond that nobody can check a condition by eye
DEEPEST = 40  # nodes of the tree, one below the other; Python's own limit is some 90 brackets
CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "nothing": None}


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, the facts it names, and the Python it was written as."""

    text: str
    names: tuple[str, ...]
    source: str  # its value, over one variable per fact and the constants
    holds: str  # a shorter condition, met exactly when the value is true
    constants: FactValues = field(default_factory=dict)

    @cached_property
    def evaluate(self) -> Evaluate:
        """The value over facts; ``None`` is unknown.

        Compiled when first asked for: most only stand in a program.
        """
        given = [f" {variable(name)} = facts[{name!r}]" for name in self.names]
        lines = "\n".join(["def evaluate(facts):", *given, f" return {self.source}"])
        return defined("evaluate", compile(lines, f"<{self.text}>", "exec"), self.constants)

    def __call__(self, facts: FactValues) -> FactValue:
        """Evaluate over the facts; ``None`` is unknown."""
        return self.evaluate(facts)


def defined(name: str, code: CodeType, constants: Mapping[str, object]) -> FunctionType:
    """The function that written Python defines; it sees these constants and nothing else."""
    scope: dict[str, object] = {"__builtins__": {}, **constants}
    exec(code, scope)  # noqa: S102 - written here from checked expressions
    function = scope[name]
    if not isinstance(function, FunctionType):
        raise TypeError(f"the written Python defines no function {name}")
    return function


def variable(name: str) -> str:
    """The local variable that holds a fact in written Python, where a fact may be called ``class``."""
    return f"f_{name}"


def compile_expression(
    text: str, parameters: Parameters, names: frozenset[str], constants: dict[str, FactValue] | None = None
) -> Expression:
    """Compile ``text``; ``param.x`` is replaced by its value now, every other name must be in ``names``.

    Expressions that shall stand in one function share ``constants``. Raises ``ExpressionFault`` for
    anything outside the language.
    """
    tree = _tree_of(text)
    writer = _Writer(parameters, names, {} if constants is None else constants)
    source, holds = writer.write(tree), writer.meets(tree, True)
    written = Expression(text.strip(), tuple(sorted(writer.used)), source, holds, writer.constants)
    if not written.names:
        try:
            written.evaluate({})
        except TypeError:
            raise ExpressionFault(f"{written.text!r} compares values of different kinds") from None
    return written


# Two threads that parse at once end in "AST constructor recursion depth mismatch"
# under CPython 3.11 (gh-106905).
_one_parses = Lock()


@lru_cache(2048)
def _tree_of(text: str) -> ast.expr:
    """The tree of a text, which nobody changes; pathways share most of their rules."""
    if len(text) > LONGEST:
        raise ExpressionFault(f"longer than {LONGEST} characters: give parts of it a name under 'define'")
    try:
        with _one_parses:
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionFault(f"not readable near column {error.offset}: {text!r}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionFault(
            "not readable: it holds what no expression may, or is nested too deeply"
        ) from None
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionFault("nested too deeply: give parts of it a name under 'define'")
    return tree


class _Writer:
    """Writes one allowed syntax node after the other as Python that knows a third truth value.

    An operand that is worked out is held in a variable of its own (``v1``, ``v2`` ...).
    """

    def __init__(
        self, parameters: Parameters, names: frozenset[str], constants: dict[str, FactValue]
    ) -> None:
        self.parameters = parameters
        self.names = names
        self.used: set[str] = set()
        self.constants = constants
        self.variables = 0

    def write(self, node: ast.expr) -> str:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ExpressionFault(
                f"{ast.unparse(node)!r} is not allowed: use facts, numbers, comparisons, and/or/not, known(), unknown()"
            )
        written: str = method(node)
        return written

    def meets(self, node: ast.expr, wanted: bool) -> str:
        """A condition that is met when the value is ``wanted``, and not when it is the opposite or unknown.

        Whether a rule fires needs no third value, so the first part that fails ends the question.
        """
        match node:
            case ast.BoolOp():
                joined = " and " if isinstance(node.op, ast.And) is wanted else " or "
                return f"({joined.join(self.meets(part, wanted) for part in node.values)})"
            case ast.UnaryOp(op=ast.Not()):
                return self.meets(node.operand, not wanted)
            case ast.Compare():
                known, test = self._compared(node)
                return f"({' and '.join([*(f'{name} is not None' for name in known), test if wanted else f'not {test}'])})"
            case _:
                return f"{self._truth(node)} is {wanted}"

    def _variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"

    def _value(self, constant: FactValue) -> str:
        if constant is None or isinstance(constant, bool):
            return str(constant)
        for name, known in self.constants.items():
            if type(known) is type(constant) and repr(known) == repr(constant):  # 1.0 is not written as 1.00
                return name
        name = f"k{len(self.constants)}"
        self.constants[name] = constant
        return name

    def _name(self, node: ast.Name) -> str:
        if node.id in CONSTANTS:
            return self._value(CONSTANTS[node.id])
        if node.id not in self.names:
            raise ExpressionFault(f"unknown fact {node.id!r}{nearest(node.id, self.names)}")
        self.used.add(node.id)
        return variable(node.id)

    def _constant(self, node: ast.Constant) -> str:
        return str(None) if node.value is None else self._value(plain(node))

    def _attribute(self, node: ast.Attribute) -> str:
        return self._value(of_parameter(node, self.parameters))

    def _list(self, node: ast.List) -> str:
        items = [item for item in node.elts if isinstance(item, ast.Constant)]
        if len(items) < len(node.elts):
            raise ExpressionFault(f"{ast.unparse(node)!r}: a list holds plain values only")
        return self._value(tuple([plain(item) for item in items]))

    def _unaryop(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            first, again = self._operand(self._truth(node.operand))
            return f"(False if {first} is True else True if {again} is False else None)"
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            number = plain(node.operand)
            if isinstance(number, int | Decimal) and not isinstance(number, bool):
                return self._value(-Decimal(number))
        raise ExpressionFault(f"{ast.unparse(node)!r}: only 'not' and a minus before a number are allowed")

    def _boolop(self, node: ast.BoolOp) -> str:
        """Kleene logic: one false decides an ``and``, one true an ``or``; with an unknown, unknown."""
        wins = not isinstance(node.op, ast.And)
        parts = [self._operand(self._truth(part)) for part in node.values]
        won = " or ".join(f"{first} is {wins}" for first, _ in parts)
        lost = " and ".join(f"{again} is {not wins}" for _, again in parts)
        return f"({wins} if {won} else {not wins} if {lost} else None)"

    def _operand(self, written: str) -> tuple[str, str]:
        """How to name an operand the first time and again, so that it is worked out once."""
        if written.isidentifier():
            return written, written
        held = self._variable()
        return f"({held} := {written})", held

    def _truth(self, node: ast.expr) -> str:
        """A part of a conjunction: a parameter that is a table or a text counts as set or not set."""
        if isinstance(node, ast.Attribute):
            value = self.constants.get(self.write(node), None)
            return str(bool(value)) if value is not None else self.write(node)
        return self.write(node)

    def _compare(self, node: ast.Compare) -> str:
        """A chain of comparisons; one unknown operand makes the whole chain unknown."""
        known, test = self._compared(node)
        return f"(None if {' or '.join(f'{name} is None' for name in known)} else {test})" if known else test

    def _compared(self, node: ast.Compare) -> tuple[list[str], str]:
        """What must be known for a chain of comparisons, and the chain."""
        for op in node.ops:
            if type(op) not in COMPARE:
                raise ExpressionFault(f"{ast.unparse(node)!r}: compare with ==, !=, <, <=, >, >=, in, not in")
        operands = [self._operand(self.write(item)) for item in (node.left, *node.comparators)]
        steps = "".join(
            f" {COMPARE[type(op)]} {it}" for op, (_, it) in zip(node.ops, operands[1:], strict=True)
        )
        known = [first for first, again in operands if again not in self.constants]
        return known, f"({operands[0][1]}{steps})"

    def _call(self, node: ast.Call) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("known", "unknown") or len(node.args) != 1 or node.keywords:
            raise ExpressionFault(f"{ast.unparse(node)!r}: the only calls are known(x) and unknown(x)")
        return f"({self.write(node.args[0])} is{' not' if name == 'known' else ''} None)"
