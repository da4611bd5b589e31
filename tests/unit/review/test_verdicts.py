"""Whoever is not followed comes out under the reason for it."""

from mappings.handover.situation import NotFollowed
from workers.review.write import NOT_FOLLOWED


def test_each_reason_not_to_follow_somebody_has_an_outcome_of_its_own() -> None:
    assert NOT_FOLLOWED.keys() == set(NotFollowed)
    assert {it.value for it in NOT_FOLLOWED} == {it.value for it in NOT_FOLLOWED.values()}
