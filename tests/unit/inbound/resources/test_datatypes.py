"""Whether a text says anything, in the two meanings that the readers need."""

import pytest

from mappings.inbound.resources.datatypes import has_letter, has_letter_or_digit


@pytest.mark.parametrize(
    ("held", "letter", "letter_or_digit"),
    [
        ("heup", True, True),
        (" é ", True, True),
        ("-2,5", False, True),
        ("?!", False, False),
        ("  ", False, False),
        ("", False, False),
        (None, False, False),
        ({"text": "heup"}, False, False),
        (25, False, False),
    ],
)
def test_a_number_alone_is_no_word(held: object, letter: bool, letter_or_digit: bool) -> None:
    assert (has_letter(held), has_letter_or_digit(held)) == (letter, letter_or_digit)
