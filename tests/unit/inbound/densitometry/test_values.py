"""The number of a T-score: which units say that it is one, and which say that it is not."""

import pytest

from adapter.clinical.kinds import Standing
from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.inbound.densitometry.values import is_t_unit, says_t_score, t_value
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.observations import Measurement


@pytest.mark.parametrize(
    ("quantity", "usable", "says_so"),
    [
        ({}, True, False),
        ({"unit": "{T-score}", "code": "{T-score}"}, True, True),
        ({"unit": "T-score"}, True, True),
        ({"unit": "t score"}, True, True),
        ({"unit": "T\u2011score"}, True, True),
        ({"unit": "SD"}, True, False),
        ({"unit": "1", "code": "1"}, True, False),
        ({"unit": "g/cm2"}, False, False),
        ({"unit": "g/cm\u00b2", "code": "g/cm2"}, False, False),
        ({"unit": "g/cm2", "code": "{T-score}"}, False, True),  # the text has another unit
        ({"unit": "%"}, False, False),
        ({"unit": "mg", "code": "mg"}, False, False),
    ],
)
def test_a_unit_of_something_else_is_no_t_score(quantity: Json, usable: bool, says_so: bool) -> None:
    assert (is_t_unit(quantity), says_t_score(quantity)) == (usable, says_so)


def test_a_result_without_a_number_has_no_t_score_of_zero() -> None:
    nameless = Measurement(
        {}, concept_of({}), "Observation/1", None, ("Quantity", {}), Standing.VALID, frozenset(),
        body_site=None, grouped=False, groups=(), another_person=False, on=None, issued=False, unit="",
    )  # fmt: skip

    with pytest.raises(SoftwareFault, match="without a number"):
        t_value(nameless)
