"""Small changes of a program, one at a time: the mutants that a test must notice.

What no decision rests on stays as it is: docstrings, annotations, decorators, imports, sentences for people.
"""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import TypeVar

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
WORD = re.compile(r"[\w.=-]*")  # a text with a blank in it is for people
SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "bases"}
SKIPPED = (ast.Raise, ast.Import, ast.ImportFrom)
NO = ast.Constant(False)
N = TypeVar("N", bound=ast.AST)
Place = tuple[ast.AST, str, int | None, ast.AST]  # parent, its field, place in a list, the node itself


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Line, description and changed tree of every mutant."""
    for parent, field, index, node in list(_places(tree)):
        for kind in (_values, _operators, _statements, _branches):
            for variant in kind(node):
                changed = ast.copy_location(deepcopy(variant), node)
                _put(parent, field, index, changed)
                line = getattr(node, "lineno", getattr(parent, "lineno", 0))
                told = f"{ast.unparse(node)}  ->  {ast.unparse(changed)}"
                yield line, told, ast.fix_missing_locations(deepcopy(tree))
                _put(parent, field, index, node)


def _values(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value) if WORD.fullmatch(value):
            yield ast.Constant(value + "X")
        case _:
            pass


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Name(name) if name in NAMES:
            yield ast.Name(NAMES[name], node.ctx)
        case ast.BoolOp(op) | ast.BinOp(_, op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(op)]())
        case ast.Compare(_, ops):
            for at, compares in enumerate(ops):
                yield _with(node, ops=[*ops[:at], OPERATORS[type(compares)](), *ops[at + 1 :]])
        case _:
            pass


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(ast.Constant(None)):
            yield ast.Return(NO)  # the one mistake to fear: unknown taken for no
        case ast.Return(ast.expr()):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call() | ast.YieldFrom() | ast.Yield()) | ast.Continue() | ast.Break():
            yield ast.Pass()
        case _:
            pass


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, ifs=[ast.UnaryOp(ast.Not(), node.ifs[0]), *node.ifs[1:]])
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.IfExp):
        for branch in ("body", "orelse"):
            if getattr(getattr(node, branch), "value", NO) is None:
                yield _with(node, **{branch: NO})


def _with(node: N, **changed: object) -> N:
    return type(node)(**{name: changed.get(name, value) for name, value in ast.iter_fields(node)})


def _places(node: ast.AST) -> Iterator[Place]:
    """Everything in a tree that may change, with where to put what it changes into."""
    for field, value in ast.iter_fields(node):
        if field in SKIPPED_FIELDS or isinstance(node, SKIPPED) or _is_dunder(node):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            literal = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and not docstring and not literal:
                yield node, field, index, child
                yield from _places(child)


def _is_dunder(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("__")


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node
