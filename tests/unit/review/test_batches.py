"""Groups keep the order, lose nobody, and are no larger than asked for and than is done in time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.review.batches import TOO_LONG, BatchSize, batches

SOON, LATE = TOO_LONG, TOO_LONG + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("items", "size", "expected"),
    [
        ("", 3, []),
        ("abc", 3, ["abc"]),
        ("abcd", 3, ["abc", "d"]),
        ("abcdef", 3, ["abc", "def"]),
        ("ab", 1, ["a", "b"]),
    ],
)
def test_items_are_split_in_order(items: str, size: int, expected: list[str]) -> None:
    assert ["".join(it) for it in batches(iter(items), size)] == expected


# Batches one after the other, as (patients, took); how many are taken next, of eight at most.
STORIES = [
    ("in time", [(8, SOON), (8, SOON)], 8),
    ("too long", [(8, LATE)], 4),
    ("again too long", [(8, LATE), (4, LATE), (2, LATE), (1, LATE)], 1),
    ("one more for each that is in time", [(8, LATE), (4, SOON), (5, SOON)], 6),
    ("up to the most", [(8, LATE), *[(size, SOON) for size in (4, 5, 6, 7, 8, 8)]], 8),
    ("four that were under way together say the same once", [(8, LATE)] * 4, 4),
    ("the rest of a chunk, which is smaller, tells nothing when it is in time", [(8, LATE), (2, SOON)], 4),
    ("and something when it is not", [(8, LATE), (2, LATE)], 1),
    ("what began when more were taken is no reason to take more again", [(8, LATE), (8, SOON)], 4),
]


@pytest.mark.parametrize(("done", "then"), [it[1:] for it in STORIES], ids=[it[0] for it in STORIES])
def test_it_follows_how_long_batches_took(done: list[tuple[int, timedelta]], then: int) -> None:
    size = BatchSize(8)

    for patients, took in done:
        size.learn(patients, took)

    assert size.now == then


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from([SOON, LATE]))), st.integers(1, 50))
def test_somebody_is_always_taken_and_never_more_than_is_allowed(
    done: list[tuple[int, timedelta]], most: int
) -> None:
    size = BatchSize(most)

    for patients, took in done:
        size.learn(patients, took)
        assert 1 <= size.now <= most
