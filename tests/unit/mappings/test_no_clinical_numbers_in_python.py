"""Clinical numbers stand in pathway data with a citation, once; each other number in Python says what it is.

Looked at are the modules that decide, read a record or follow a plan: the constants of each module, and the
numbers that something is compared with or that a span of time is made of. 0, 1 and 2 are arithmetic.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("adapter/clinical", "mappings/inbound", "mappings/handover")
ARITHMETIC = {0, 1, 2}
SPANS = {"timedelta", "add_months", "add_days"}
MEMORY = "how many are remembered"
LENGTH = "the longest text, note, rule or number that is looked at"
CALENDAR = "of the calendar"
# What each is; or the rule that it rests on, and who holds it to the pathway.
MEANINGS: dict[str, dict[float, str]] = {
    "adapter/clinical/calendar.py": {28: CALENDAR},
    "adapter/clinical/model.py": {4: "grades of Genant are 0 to 3"},
    "adapter/clinical/pathway/logic.py": {2000: LENGTH, 40: "how deep a condition is nested"},
    "adapter/clinical/study.py": {29: CALENDAR},
    "adapter/clinical/terms/rounded_class.py": {0.1: "one decimal, to which reports round"},
    "mappings/handover/plan/follow_up.py": {30: "a visit by the month: how clinics plan"},
    "mappings/handover/plan/plan_summary.py": {512: MEMORY},
    "mappings/handover/release/choice.py": {1_000_000: LENGTH},
    "mappings/handover/review_basis.py": {6: "parts of a mark", 16: "bytes of a digest"},
    "mappings/inbound/demographics.py": {31: CALENDAR},
    "mappings/inbound/densitometry/report_text.py": {1_000_000: LENGTH},
    "mappings/inbound/densitometry/score_gaps.py": {0.05: "half of one decimal, to which words round"},
    "mappings/inbound/densitometry/study_days.py": {31: "C-61, held to `one_study_within_days` by a test"},
    "mappings/inbound/densitometry/t_scores.py": {10: "what no T-score of bone is above: a slip"},
    "mappings/inbound/densitometry/words.py": {2048: MEMORY},
    "mappings/inbound/fractures/fracture_traces.py": {366: "C-73, an operation and its fracture"},
    "mappings/inbound/medical_history/dosages.py": {
        **dict.fromkeys((7, 24, 30, 365), "days of the units of UCUM"),
        3660: "a supply that is a slip of the pen",
    },
    "mappings/inbound/questionnaire/patient_questions.py": dict.fromkeys(
        (3, 6, 8, 13), "grades of Genant, and the numbers of the vertebrae"
    ),
    "mappings/inbound/resources/codings.py": dict.fromkeys((8, 2048), MEMORY),
    "mappings/inbound/resources/compartment.py": {20: LENGTH},
    "mappings/inbound/resources/datatypes.py": {2048: MEMORY},
    "mappings/inbound/resources/dates.py": {
        **dict.fromkeys((12, 1900, 1970, 9999), CALENDAR),
        8192: MEMORY,
        130: "an age that nobody reaches",
    },
    "mappings/inbound/resources/measurement_kind.py": {4096: MEMORY},
}


def numbers(node: ast.AST) -> Iterator[float]:
    """The literals in it that are more than arithmetic, those in the text of a Decimal too."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                yield from () if value in ARITHMETIC else (value,)
            case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]):
                yield from () if float(text) in ARITHMETIC else (float(text),)
            case _:
                pass


def compared(tree: ast.AST) -> Iterator[float]:
    for node in ast.walk(tree):
        match node:
            case ast.Compare(comparators=several):
                yield from (number for one in several for number in numbers(one))
            case ast.Call(func=ast.Name(id=name)) if name in SPANS:
                yield from numbers(node)
            case _:
                pass


def found(module: Path) -> frozenset[float]:
    tree = ast.parse(module.read_text("utf-8"))
    constants = (node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
    return frozenset({number for it in constants for number in numbers(it)} | {*compared(tree)})


def the_modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def test_each_number_is_told_what_it_is() -> None:
    held = {str(it.relative_to(ROOT)): numbers for it in the_modules() if (numbers := found(it))}

    assert {name: sorted(numbers) for name, numbers in held.items()} == {
        name: sorted(meanings) for name, meanings in MEANINGS.items()
    }


def test_a_number_is_found_wherever_it_hides() -> None:
    hidden = "YEARS = 3\ndef f(x, on): return x < 4 or on > add_months(on, 5) or x >= Decimal('6.5')"

    assert {*numbers(ast.parse("YEARS = 3"))} == {3}
    assert {*compared(ast.parse(hidden))} == {4, 5, 6.5}
