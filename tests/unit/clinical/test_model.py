"""What a fact and an output are where nothing more was said."""

from decimal import Decimal

import pytest

from adapter.clinical import decision
from adapter.clinical.decision import Why
from adapter.clinical.model import Site, TScore, VertebralFracture
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


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_t_score_that_no_comparison_could_see_is_a_fault_of_ours(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        TScore(Site.LUMBAR_SPINE, Decimal(value), TODAY)


@pytest.mark.parametrize("grade", [-1, 4])
def test_a_grade_outside_the_scale_is_a_fault_of_ours(grade: int) -> None:
    with pytest.raises(ValueError, match="Genant"):
        VertebralFracture(grade)
