"""A name from a record is one visible line, whatever was written into it."""

import pytest

from adapter.letter.people import clean
from tests.unit.letter.pages.names import ARABIC, HEBREW


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  Jan \n\t de\x00Vries ", "Jan de Vries"),
        ("\u202eabc\u2066", "abc"),
        (f"{ARABIC}\u200c{HEBREW}", f"{ARABIC}\u200c{HEBREW}"),
        ("e\u0301", "é"),
        ("\ud800x\ufffe", "x"),
        (None, ""),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_a_name_is_one_visible_line(raw: str | None, shown: str) -> None:
    assert clean(raw) == shown
