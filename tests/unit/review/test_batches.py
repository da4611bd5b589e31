"""Groups keep the order, lose nobody and are no larger than asked for."""

import pytest

from workers.review.batches import batches


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
