"""Words compare alike whatever their case, their accents and their dashes."""

import pytest

from mappings.inbound.resources.plain_words import plain


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("T-Score", "t-score"),
        ("Ostéoporose", "osteoporose"),
        ("T\u2011score", "t-score"),
        ("T\u2013score", "t-score"),
        ("T\u2212score", "t-score"),
        ("Ö\u0301", "o"),
        ("ﬁbula", "fibula"),
        ("", ""),
        ("腰椎", "腰椎"),
    ],
)
def test_words_are_bare_and_small(written: str, compared: str) -> None:
    assert plain(written) == compared
    assert plain(plain(written)) == compared
