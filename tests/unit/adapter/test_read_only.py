"""Facts and decisions are read-only for the type check, and compared by what they say."""

from typing import TYPE_CHECKING

from tests.factories import a_bone_record, a_decision, a_rejected, a_why

if TYPE_CHECKING:  # an `ignore` that is not needed fails the type check
    a_rejected().about = "calcium"  # type: ignore[misc]
    a_bone_record().rejected = ()  # type: ignore[misc]
    a_decision().goals = ()  # type: ignore[misc]
    a_why().rules = ()  # type: ignore[misc]


def test_two_that_say_the_same_are_one() -> None:
    assert len({a_rejected(about="calcium"), a_rejected(about="calcium"), a_rejected(about="tsh")}) == 2
