"""Whatever the expression: its value is Kleene's, and the shorter condition holds exactly when it is true."""

import ast
import operator
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.clinical.pathway.logic import compile_expression
from adapter.clinical.pathway.program import stage_program
from adapter.clinical.pathway.rules import Effect, Mode, Rule, Stage
from adapter.clinical.value_kinds import FactValue, FactValues
from tests.examples import examples

repeatably = settings(derandomize=True, deadline=None, max_examples=examples(200))

TRUTHS, NUMBERS = ("a", "b", "c"), ("x", "y")
NAMES = frozenset((*TRUTHS, *NUMBERS))
COMPARE: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

numbers = st.sampled_from((*NUMBERS, "1", "2"))
compared = st.one_of(
    st.tuples(numbers, st.sampled_from(("<", ">=", "==", "!=")), numbers).map(" ".join),
    st.tuples(numbers, numbers, numbers).map(" < ".join),
)
leaves = st.one_of(
    st.sampled_from((*TRUTHS, "true", "false")),
    compared,
    st.sampled_from((*TRUTHS, *NUMBERS)).map("known({})".format),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' or '.join(parts)})"),
    ),
    max_leaves=12,
)
facts = st.fixed_dictionaries(
    {name: st.sampled_from((True, False, None)) for name in TRUTHS}
    | {name: st.sampled_from((0, 1, 2, 3, None)) for name in NUMBERS}
)


def kleene(node: ast.expr, known: FactValues) -> FactValue:
    """The value by the textbook, one node at a time."""
    match node:
        case ast.Name(id=name):
            return {"true": True, "false": False}.get(name, known.get(name))
        case ast.Constant(value=int() as number):
            return number
        case ast.Call(args=[inner]):
            return kleene(inner, known) is not None
        case ast.UnaryOp(operand=inner):
            value = kleene(inner, known)
            return None if value is None else not value
        case ast.BoolOp(op=op, values=parts):
            values = [kleene(part, known) for part in parts]
            wins = isinstance(op, ast.Or)
            return wins if wins in values else None if None in values else not wins
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [kleene(part, known) for part in (left, *others)]
            if None in values:
                return None
            steps = zip(ops, values[:-1], values[1:], strict=True)
            return all(COMPARE[type(op)](one, other) for op, one, other in steps)
        case _:
            raise AssertionError(ast.dump(node))


@repeatably
@given(expressions, facts)
def test_an_expression_has_the_value_that_kleene_gives_it(text: str, known: dict[str, FactValue]) -> None:
    expected = kleene(ast.parse(text, mode="eval").body, known)

    assert compile_expression(text, {}, NAMES)(known) is expected


@repeatably
@given(st.lists(expressions, min_size=1, max_size=4), facts)
def test_a_rule_fires_exactly_when_its_condition_is_true(
    texts: list[str], known: dict[str, FactValue]
) -> None:
    shared: dict[str, FactValue] = {}
    conditions = [compile_expression(text, {}, NAMES, shared) for text in texts]
    rules = {
        place: Rule(f"R-{place}", Mode.GUARD, "", (), when=condition, effects=(Effect("flag", "x"),))
        for place, condition in enumerate(conditions)
    }
    places: list[int] = []

    stage_program(Stage.PLAN, {}, rules)(dict(known), places)

    assert places == [place for place, condition in enumerate(conditions) if condition(known) is True]


@repeatably
@given(expressions, facts)
def test_a_definition_means_the_same_as_its_text(text: str, known: dict[str, FactValue]) -> None:
    defined = compile_expression(text, {}, NAMES)
    held = dict(known)

    stage_program(Stage.CLASS, {"more": defined}, {})(held, [])

    assert held["more"] is defined(known)
