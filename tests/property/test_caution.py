"""Unknown is never reassuring: whatever befalls a resource, nobody comes out better, firmer or less asked.

For everybody whose record comes with the program or with its tests (a sixth of them in `make check`), every
resource, and every field that decides. A few of each kind are drawn always, many in the slow tests;
``python -m tests.caution`` goes through all of them.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import FEW
from tests.property.mishaps import Kind, Mishap, complaints, kinds, mishaps, title

repeatably = settings(derandomize=True, deadline=None, max_examples=6 if FEW else 12, database=None)
MANY = 100


def words_of(kind: Kind) -> str:
    return " ".join(kind)


@pytest.mark.parametrize("kind", kinds(), ids=words_of)
def test_what_is_there_and_cannot_be_used_makes_nothing_more_reassuring(kind: Kind) -> None:
    @repeatably
    @given(st.sampled_from(mishaps()[kind]))
    def holds(mishap: Mishap) -> None:
        assert complaints(*mishap) == []

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("kind", kinds(), ids=words_of)
def test_many_of_each_kind_make_nothing_more_reassuring(kind: Kind) -> None:
    pool = mishaps()[kind]
    spread = pool[:: max(1, len(pool) // MANY)]
    found = {title(person, mishap): complaints(person, mishap) for person, mishap in spread}

    assert {name: said for name, said in found.items() if said} == {}
