"""What a fact and an output are where nothing more was said."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest

from adapter.clinical import decision, model
from adapter.clinical.decision import Why
from adapter.clinical.model import Analyte, Site, VertebralFracture
from tests.factories import TODAY, a_bone_record, a_rejected

WHY = Why(("R-1",))


def test_a_record_in_a_log_says_how_much_is_known_and_never_what() -> None:
    record = a_bone_record(rejected=(a_rejected(),))

    assert repr(record) == "BoneRecord(2 T-scores, 1 inputs refused)"


@pytest.mark.parametrize(("detail", "name"), [(None, "seen"), ("", "seen"), ("left", "seen:left")])
def test_a_flag_is_named_with_its_detail(detail: str | None, name: str) -> None:
    assert decision.Flag("seen", WHY, detail).name == name


def test_an_option_is_firm_when_nothing_is_left_to_check() -> None:
    assert decision.Option("oral", (), WHY).firm is True
    assert decision.Option("oral", (), WHY, ("kidney",)).firm is False


def test_a_reason_needs_a_rule() -> None:
    with pytest.raises(ValueError, match="at least one rule id"):
        Why((), ("O/1",))


def made(kind: type, **changes: Any) -> Any:
    """One with whatever it needs, and these changes."""
    needed = {
        "site": Site.LUMBAR_SPINE,
        "on": TODAY,
        "value": Decimal(-1),
        "g_cm2": Decimal(1),
        "kinds": frozenset(),
        "analyte": Analyte.TSH,
    }
    fields = {
        it.name for it in dataclasses.fields(kind) if it.default is it.default_factory is dataclasses.MISSING
    }
    return kind(**{name: value for name, value in needed.items() if name in fields} | changes)


def numbers() -> Iterator[tuple[type, str]]:
    """Every number of the model, by its class and name."""
    for kind in vars(model).values():
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            hints = get_type_hints(kind)
            yield from ((kind, name) for name, hint in hints.items() if Decimal in (hint, *get_args(hint)))


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(("kind", "name"), list(numbers()))
def test_a_number_that_no_comparison_could_see_is_a_fault_of_ours(kind: type, name: str, value: str) -> None:
    assert made(kind, **{name: Decimal(1)})

    with pytest.raises(ValueError, match="finite"):
        made(kind, **{name: Decimal(value)})


@pytest.mark.parametrize("grade", [-1, 4])
def test_a_grade_outside_the_scale_is_a_fault_of_ours(grade: int) -> None:
    with pytest.raises(ValueError, match="Genant"):
        VertebralFracture(grade)
