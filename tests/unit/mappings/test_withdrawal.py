"""A plan that is revoked says why."""

from mappings.handover.plan.correction import TABLE, Consequence
from mappings.handover.withdrawal import REASON_OF

REVOKED = {Consequence.CLOSE, Consequence.RETRACT}


def test_every_change_that_revokes_a_plan_has_a_reason() -> None:
    assert {change for (_, change), done in TABLE.items() if done in REVOKED} == REASON_OF.keys()
