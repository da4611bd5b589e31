"""The language of a rule's condition: three truth values, comparisons, and nothing else of Python."""

import re
from decimal import Decimal
from types import FunctionType

import pytest

from adapter.clinical.pathway.logic import Expression, compile_expression, defined, variable
from adapter.clinical.pathway.plain_values import ExpressionFault
from adapter.clinical.value_kinds import FactValue, Parameters

NAMES = frozenset({"a", "b", "c", "age", "age_gate", "kind", "flags"})
PARAMETERS: Parameters = {
    "limit": Decimal("-2.5"),
    "whole": 3,
    "unset": None,
    "on": True,
    "off": False,
    "table": "etz_2008",
    "empty": {},
    "zero": 0,
    "list": ["x", "y"],
    "nested": [["x"], ["y"]],
    "deep": {"inner": {"value": 7}},
}


def compiled(text: str) -> Expression:
    return compile_expression(text, PARAMETERS, NAMES)


def value(text: str, **facts: FactValue) -> FactValue:
    """The value of an expression; its shorter condition, for a truth value, is met exactly when true."""
    expression, facts = compiled(text), {"a": None, "b": None, "c": None} | facts
    found = expression(facts)
    if found in (True, False, None):
        assert met(expression, facts) is (found is True)
    return found


def met(expression: Expression, facts: dict[str, FactValue]) -> bool:
    local = {variable(name): fact for name, fact in facts.items()}
    return bool(eval(expression.holds, {"__builtins__": {}, **expression.constants, **local}))  # noqa: S307 - written here from a checked expression


T, F, U = True, False, None


@pytest.mark.parametrize(
    ("a", "b", "conjunction", "disjunction"),
    [
        (T, T, T, T), (T, F, F, T), (T, U, U, T),
        (F, T, F, T), (F, F, F, F), (F, U, F, U),
        (U, T, U, T), (U, F, F, U), (U, U, U, U),
    ],
)  # fmt: skip
def test_and_and_or_follow_the_strong_logic_of_kleene(
    a: bool | None, b: bool | None, conjunction: bool | None, disjunction: bool | None
) -> None:
    assert value("a and b", a=a, b=b) is conjunction
    assert value("a or b", a=a, b=b) is disjunction


@pytest.mark.parametrize(("a", "negated"), [(T, F), (F, T), (U, U)])
def test_not_leaves_unknown_unknown(a: bool | None, negated: bool | None) -> None:
    assert value("not a", a=a) is negated


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("a and b and c", {"a": T, "b": T, "c": T}, T),
        ("a and b and c", {"a": T, "b": U, "c": F}, F),
        ("a and b and c", {"a": U, "b": U, "c": T}, U),
        ("a or b or c", {"a": F, "b": F, "c": F}, F),
        ("a or b or c", {"a": U, "b": F, "c": T}, T),
        ("a or b or c", {"a": F, "b": U, "c": F}, U),
        ("a or b and c", {"a": F, "b": T, "c": T}, T),
        ("(a or b) and c", {"a": T, "b": F, "c": F}, F),
        ("not (a and b)", {"a": T, "b": U}, U),
        ("not a or b", {"a": T, "b": F}, F),
        ("not not a", {"a": T}, T),
    ],
)
def test_a_condition_holds_by_its_known_parts_as_far_as_these_decide(
    text: str, facts: dict[str, FactValue], expected: bool | None
) -> None:
    assert value(text, **facts) is expected


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("age == 50", {"age": 50}, T),
        ("age == 50", {"age": 51}, F),
        ("age != 50", {"age": 51}, T),
        ("age != 50", {"age": 50}, F),
        ("age < 50", {"age": 49}, T),
        ("age < 50", {"age": 50}, F),
        ("age <= 50", {"age": 50}, T),
        ("age <= 50", {"age": 51}, F),
        ("age > 50", {"age": 51}, T),
        ("age > 50", {"age": 50}, F),
        ("age >= 50", {"age": 50}, T),
        ("age >= 50", {"age": 49}, F),
        ("51 <= age <= 70", {"age": 51}, T),
        ("51 <= age <= 70", {"age": 70}, T),
        ("51 <= age <= 70", {"age": 50}, F),
        ("51 <= age <= 70", {"age": 71}, F),
        ("4 <= age < 50", {"age": 4}, T),
        ("4 <= age < 50", {"age": 50}, F),
        ("a < b < c", {"a": 1, "b": 2, "c": 3}, T),
        ("a < b < c", {"a": 1, "b": 3, "c": 2}, F),
        ('kind == "hip"', {"kind": "hip"}, T),
        ('kind in ["hip", "wrist"]', {"kind": "wrist"}, T),
        ('kind in ["hip", "wrist"]', {"kind": "toe"}, F),
        ('kind not in ["hip"]', {"kind": "toe"}, T),
        ('kind not in ["hip"]', {"kind": "hip"}, F),
        ("kind in []", {"kind": "hip"}, F),
        ('"x" in flags', {"flags": frozenset({"x"})}, T),
        ('"x" not in flags', {"flags": frozenset({"x"})}, F),
        ("1 < 2", {}, T),
        ("2 < 1", {}, F),
    ],
)
def test_a_comparison_of_known_numbers_holds_or_does_not(
    text: str, facts: dict[str, FactValue], expected: bool
) -> None:
    assert value(text, **facts) is expected


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("age >= 50", {"age": None}),
        ("50 <= age", {"age": None}),
        ("51 <= age <= 70", {"age": None}),
        ("a < b < c", {"a": None, "b": 2, "c": 1}),
        ("a < b < c", {"a": 3, "b": None, "c": 1}),
        ("a < b < c", {"a": 3, "b": 2, "c": None}),
        ('kind in ["hip"]', {"kind": None}),
        ('"x" in flags', {"flags": None}),
        ("a != b", {"a": None, "b": None}),
        ("a == nothing", {"a": None}),
        ("age < param.unset", {"age": 40}),
    ],
)
def test_one_unknown_operand_makes_a_comparison_unknown(text: str, facts: dict[str, FactValue]) -> None:
    assert value(text, **facts) is None


@pytest.mark.parametrize(("a", "is_known"), [(T, T), (F, T), (0, T), ("", T), (U, F)])
def test_known_and_unknown_are_always_decided(a: FactValue, is_known: bool) -> None:
    assert value("known(a)", a=a) is is_known
    assert value("unknown(a)", a=a) is not is_known


def test_knowing_can_be_asked_of_a_whole_condition() -> None:
    assert value("unknown(a and b)", a=True) is True
    assert value("unknown(a and b)", a=False) is False
    assert value("known(age > 50)", age=40) is True


@pytest.mark.parametrize(
    ("word", "expected"), [("true", T), ("false", F), ("nothing", U), ("True", T), ("None", U)]
)
def test_a_constant_is_a_word_in_small_letters_and_any_other_word_is_unknown(
    word: str, expected: bool | None
) -> None:
    assert value(word) is expected


# --- numbers and parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "expected"), [("-2.5", T), ("-2.51", T), ("-2.49", F)])
def test_a_parameter_is_compared_as_the_decimal_that_was_written(score: str, expected: bool) -> None:
    assert value("age <= param.limit", age=Decimal(score)) is expected


def test_a_number_in_a_condition_is_a_decimal_too() -> None:
    assert value("age == 0.1", age=Decimal("0.1")) is True
    assert value("age == -2.5", age=Decimal("-2.5")) is True
    assert value("age == -2", age=-2) is True
    assert value("age in [0.1, 2]", age=Decimal("0.1")) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("param.whole == 3", T),
        ("param.deep.inner.value == 7", T),
        ('"x" in param.list', T),
        ('"inner" in param.deep', T),
        ('"value" in param.deep', F),
        ("param.on", T),
        ("param.off", F),
        ("param.unset", U),
        ("known(param.unset)", F),
        ("known(param.table)", T),
        ("not param.off", T),
        ("param.table and param.on", T),
        ("param.unset and param.off", F),
        ("param.unset or param.on", T),
        ("param.unset and param.on", U),
        ("param.empty and param.on", F),
        ("param.zero and param.on", F),
        ("param.table or param.off", T),
        ("param.empty or param.off", F),
    ],
)
def test_parameters_are_read_when_the_pathway_is_built(text: str, expected: bool | None) -> None:
    assert value(text) is expected


def test_a_list_of_the_parameters_cannot_be_changed_through_a_condition() -> None:
    assert value("param.list") == ("x", "y")


def test_a_fact_is_looked_up_once_and_what_is_worked_out_is_worked_out_once() -> None:
    looked_up: list[str] = []

    class Watched(dict[str, FactValue]):
        def __getitem__(self, name: str) -> FactValue:
            looked_up.append(name)
            return {"a": None, "age": 60}[name]

    assert compiled("51 <= age <= 70 and (a or age > 3) and not (a and age < 3)")(Watched()) is True
    assert looked_up == ["a", "age"]


@pytest.mark.parametrize("other", [2, 5, "", "x", ()])
def test_what_is_no_truth_value_counts_as_unknown_where_one_is_asked_for(other: FactValue) -> None:
    assert value("a", a=other) is other
    assert not met(compiled("a"), {"a": other})
    assert value("not a", a=other) is U
    for known in (T, F):
        assert value("a and b", a=other, b=known) is (U if known else F)
        assert value("a or b", a=other, b=known) is (T if known else U)


@pytest.mark.parametrize(
    ("text", "holds"), [("param.list", T), ("param.empty", F), ("param.unset", F), ("param.on", T)]
)
def test_a_parameter_alone_is_a_condition_that_holds_where_it_is_set(text: str, holds: bool) -> None:
    assert met(compiled(text), {}) is holds


# --- what an expression knows of itself ---------------------------------------------------------------------


def test_an_expression_keeps_its_text_and_the_facts_it_names_in_order() -> None:
    expression = compiled("  c and (a or param.on) and a ")

    assert expression.text == "c and (a or param.on) and a"
    assert expression.names == ("a", "c")
    assert expression.evaluate({"a": True, "c": True}) is True


def test_nothing_of_python_is_at_hand_where_a_condition_is_evaluated() -> None:
    evaluate = compiled("a and age > 3 and param.on").evaluate

    assert isinstance(evaluate, FunctionType)
    assert evaluate.__globals__["__builtins__"] == {}


def test_a_fact_may_have_a_name_that_python_keeps_for_itself() -> None:
    assert compile_expression("age > 3", {}, NAMES).holds == "(f_age is not None and (f_age > k0))"
    assert variable("class") == "f_class"


def test_expressions_of_one_function_share_their_constants_under_names_of_their_own() -> None:
    shared: dict[str, FactValue] = {}
    first = compile_expression("age > 3", {}, NAMES, shared)
    second = compile_expression("age > 4", {}, NAMES, shared)

    assert shared == {"k0": 3, "k1": 4}
    assert (first.evaluate({"age": 4}), second.evaluate({"age": 4})) == (True, False)


# --- what it refuses, and what it says then -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agee > 3", "unknown fact 'agee'; did you mean age?"),
        ("zzz", "unknown fact 'zzz'"),
        ("param.limits", "unknown parameter 'param.limits'; did you mean limit?"),
        ("param.nowhere_like_it", "unknown parameter 'param.nowhere_like_it'"),
        ("param.whole.deeper", "unknown parameter 'param.whole.deeper'"),
        ("param.deep.inners", "unknown parameter 'param.deep.inners'; did you mean inner?"),
        ("age.real", "'age.real': only param.<name> has a dot"),
        ("a + b", "'a + b' is not allowed: use facts, numbers, comparisons, and/or/not, known(), unknown()"),
        ("a if b else c", "'a if b else c' is not allowed"),
        ("lambda: 1", "is not allowed"),
        ("[x for x in a]", "is not allowed"),
        ("a[0]", "is not allowed"),
        ("+a", "only 'not' and a minus before a number are allowed"),
        ("-a", "'-a': only 'not' and a minus before a number are allowed"),
        ("~a", "only 'not' and a minus before a number are allowed"),
        ("a is b", "'a is b': compare with ==, !=, <, <=, >, >=, in, not in"),
        ("a is not b", "compare with ==, !=, <, <=, >, >=, in, not in"),
        ("kind in [a]", "'[a]': a list holds plain values only"),
        ('kind in ["hip", a]', "a list holds plain values only"),
        ('kind in ["hip", None]', "'None' is no text, no number and no truth value"),
        ("kind in param.nested", "'param.nested': a list holds plain values only"),
        ("kind == b'hip'", "is no text, no number and no truth value"),
        ("age > 3j", "'3j' is no text, no number and no truth value"),
        ("kind == ...", "'...' is no text, no number and no truth value"),
        ('age > -"3"', "only 'not' and a minus before a number are allowed"),
        ("age > -True", "only 'not' and a minus before a number are allowed"),
        ("open(a)", "'open(a)': the only calls are known(x) and unknown(x)"),
        ("known(a, b)", "the only calls are known"),
        ("known()", "the only calls are known"),
        ("known(x=a)", "the only calls are known"),
        ("a.known(b)", "the only calls are known"),
        ("__import__('os')", "the only calls are known"),
    ],
)
def test_anything_outside_the_language_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ExpressionFault) as fault:
        compiled(text)
    assert message in str(fault.value)


@pytest.mark.parametrize("text", ["a and", "  a b", "(a", "a = 3"])
def test_what_is_no_expression_at_all_is_shown_with_its_place(text: str) -> None:
    with pytest.raises(ExpressionFault, match=rf"^not readable near column \d+: {re.escape(repr(text))}$"):
        compiled(text)


def test_a_hint_names_at_most_three_that_are_near() -> None:
    names = frozenset({"smoker", "smokers", "smokes", "smoked", "age"})

    with pytest.raises(ExpressionFault) as fault:
        compile_expression("smoker_", {}, names)
    assert str(fault.value) == "unknown fact 'smoker_'; did you mean smoker, smokers, smokes?"


def test_of_names_that_begin_so_the_first_three_are_named() -> None:
    with pytest.raises(ExpressionFault) as fault:
        compile_expression("smoker", {}, frozenset({"smoker_d", "smoker_b", "smoker_a", "smoker_c"}))
    assert str(fault.value) == "unknown fact 'smoker'; did you mean smoker_a, smoker_b, smoker_c?"


def test_what_only_looks_a_little_alike_is_no_hint() -> None:
    with pytest.raises(ExpressionFault) as fault:
        compile_expression("name", {}, frozenset({"long_name", "age"}))
    assert str(fault.value) == "unknown fact 'name'"


def test_no_hint_where_nothing_is_near() -> None:
    with pytest.raises(ExpressionFault) as fault:
        compiled("zzz")
    assert str(fault.value) == "unknown fact 'zzz'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a or " * 500 + "b", "longer than 2000 characters: give parts of it a name under 'define'"),
        ("not " * 41 + "a", "nested too deeply: give parts of it a name under 'define'"),
        ("a\0", "not readable"),
        ("1 < 'x'", "compares values of different kinds"),
    ],
)
def test_what_nobody_could_check_by_eye_or_evaluate_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionFault, match=re.escape(message)):
        compiled(text)


def test_what_the_parser_gives_up_on_is_refused() -> None:
    """CPython 3.11 ends this one in a MemoryError; a version that reads it finds it too deep."""
    exhausting = f"{'(' * 199}{'-' * 1500}a{')' * 199}"
    with pytest.raises(ExpressionFault, match="nested too deeply"):
        compiled(exhausting)


def test_written_python_that_defines_no_function_of_the_name_is_refused() -> None:
    code = compile("condition = 1", "<expression>", "exec")

    with pytest.raises(TypeError, match="defines no function condition"):
        defined("condition", code, {})
