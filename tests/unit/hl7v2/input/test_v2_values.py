"""The value of an OBX: a plain number keeps its digits, and what is none stays text."""

from decimal import Decimal

import pytest

from mappings.hl7v2.input.v2_values import number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("-2.7", "-2.7"),
        ("-2,7", "-2.7"),
        ("+1.20", "1.20"),
        ("\u22122.7", "-2.7"),
        ("\u20132,7", "-2.7"),
        ("- 2.7", "-2.7"),
        (",5", "0.5"),
        ("3", "3"),
        (" 0.90 ", "0.90"),
        ("-2.7 SD", None),
        ("<-2.5", None),
        ("2.7-", None),
        ("1.2.3", None),
        ("1e3", None),
        ("-", None),
        (".", None),
        ("", None),
        ("1" * 13, None),
    ],
)
def test_a_plain_number_keeps_its_digits(written: str, value: str | None) -> None:
    found = number(written)

    assert (None if found is None else str(found)) == value
    assert found is None or found == Decimal(value or 0)
