"""A letter as text: no name breaks out of its line."""

import re

import pytest

from adapter.letter import render_text
from tests.unit.letter.pages.names import HOSTILE, written


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_text(name: str) -> None:
    text = render_text(written(name))

    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert max(map(len, text.splitlines())) <= 80
