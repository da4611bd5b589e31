"""What is no text says nothing; what says the same is one concept, also after it was forgotten."""

from decimal import Decimal

import pytest

from mappings.codes import LOINC
from mappings.inbound.resources.codings import CONCEPTS, concept_of
from tests.unit.inbound.made_records import condition, read, snomed


def test_a_value_is_read_as_it_is_now() -> None:
    written = {"coding": [{"system": LOINC, "code": "38267-1"}]}
    first, again = concept_of(written), concept_of(written)
    written["coding"][0]["code"] = "24701-5"

    assert first is again
    assert [c.key for c in concept_of(written).codes] == ["24701-5"]


@pytest.mark.parametrize("odd", [None, 7, True, 1.0, ["38267-1"], {"code": "38267-1"}, Decimal("NaN")])
@pytest.mark.parametrize("element", ["system", "code", "display", "text"])
def test_what_is_no_text_says_nothing(element: str, odd: object) -> None:
    coding: dict[str, object] = {"system": LOINC, "code": "38267-1", "display": "L1-L4"}
    without = {key: value for key, value in coding.items() if key != element}

    found = concept_of({"coding": [{**coding, element: odd} if element in coding else coding], "text": odd})

    assert (found.written, found.label) == (
        concept_of({"coding": [without]}).written,
        concept_of({"coding": [without]}).label,
    )


def test_what_says_the_same_is_one_concept_and_the_same_again_after_it_was_forgotten() -> None:
    osteoporosis = snomed("64859006")
    before = read(condition(osteoporosis)).record
    one, other = concept_of(dict(osteoporosis)), concept_of(dict(osteoporosis))

    for number in range(CONCEPTS + 1):
        concept_of({"text": str(number)})

    assert one is other
    assert concept_of(osteoporosis) is not one
    assert concept_of(osteoporosis).codes == one.codes
    assert read(condition(osteoporosis)).record == before


def test_a_resource_that_changed_between_two_readings_is_read_as_it_is_now() -> None:
    osteoporosis = condition(snomed("64859006"))
    before = read(osteoporosis).record.conditions.items
    osteoporosis["verificationStatus"]["coding"][0]["code"] = "entered-in-error"

    assert before
    assert read(osteoporosis).record.conditions.items == ()
