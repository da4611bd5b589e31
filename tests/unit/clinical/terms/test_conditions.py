"""Active, suspected, ever: three readings of a problem."""

from dataclasses import replace

import pytest

from adapter.clinical.model import BoneRecord, Certainty, Condition, ConditionKind
from adapter.clinical.terms import VOCABULARY
from tests.unit.clinical.questions import NOBODY, NONE_KNOWN, ask, cites, of_conditions

MYELOMA = Condition(ConditionKind.MULTIPLE_MYELOMA, evidence="C/1")


@pytest.mark.parametrize(
    ("condition", "active", "suspected", "ever"),
    [
        (MYELOMA, True, False, True),
        (replace(MYELOMA, certainty=Certainty.SUSPECTED), False, True, True),
        (replace(MYELOMA, active=False), False, False, True),
        (replace(MYELOMA, active=False, certainty=Certainty.SUSPECTED), False, False, True),
        (replace(MYELOMA, certainty=Certainty.REFUTED), False, False, False),
        (replace(MYELOMA, kind=ConditionKind.STROKE), False, False, False),
    ],
)
def test_a_condition_is_active_suspected_or_was_there(
    condition: Condition, active: bool, suspected: bool, ever: bool
) -> None:
    record = of_conditions(condition)

    answers = {
        "multiple_myeloma": active,
        "suspected_multiple_myeloma": suspected,
        "ever_multiple_myeloma": ever,
    }
    for name, expected in answers.items():
        assert ask(name, record) is expected
        assert cites(name, record) == (("C/1",) if expected else ())


def test_a_condition_that_is_not_mentioned_is_absent_only_from_a_complete_list() -> None:
    assert ask("osteomalacia", BoneRecord(conditions=NONE_KNOWN)) is False
    assert ask("osteomalacia", NOBODY) is None
    assert ask("conditions_known", BoneRecord(conditions=NONE_KNOWN)) is True
    assert ask("conditions_known", NOBODY) is False
    assert cites("conditions_known", of_conditions(MYELOMA)) == ("C/1",)


def test_there_are_three_names_for_each_kind_but_two_that_the_person_answers_for() -> None:
    for kind in ConditionKind:
        assert f"ever_{kind}" in VOCABULARY
        assert f"suspected_{kind}" in VOCABULARY
        assert str(kind) in VOCABULARY or kind is ConditionKind.POSTMENOPAUSAL
