"""The size of the tables of forged and honest answers, pages and releasers: no row may get lost."""

from tests.contract.test_exchanged_parts import EXCHANGED
from tests.contract.test_releasers import FORGED as RELEASERS_FORGED
from tests.contract.test_releasers import HONEST as RELEASERS_HONEST
from tests.contract.test_releasers import MARKS
from tests.unit.delivery.test_answer_source import FORGED as ANSWERS_FORGED
from tests.unit.delivery.test_answer_source import HONEST as ANSWERS_HONEST


def test_no_fewer_than_forty_three_forgeries_are_refused_and_twenty_honest_answers_taken() -> None:
    """Each row is a test of its own; exchanged pages and the untouched letter stand beside the tables."""
    forged = len(ANSWERS_FORGED) + len(RELEASERS_FORGED) + len(MARKS) + len(EXCHANGED)

    assert forged >= 43
    assert len(ANSWERS_HONEST) + len(RELEASERS_HONEST) + 1 >= 20
