"""Within one reading a value is looked at once; what says the same is one concept, and is no other one when it was forgotten."""

from mappings.codes import LOINC
from mappings.inbound.resources.codings import CONCEPTS, concept, parsed_once
from tests.unit.inbound.papers import condition, read, snomed


def test_a_concept_is_parsed_once_within_a_reading_and_anew_after_it() -> None:
    written = {"coding": [{"system": LOINC, "code": "38267-1"}]}

    with parsed_once():
        first = concept(written)
        again = concept(written)
    written["coding"][0]["code"] = "24701-5"

    assert first is again
    assert [c.key for c in concept(written).codes] == ["24701-5"]


def test_a_concept_with_the_same_content_elsewhere_is_another_one() -> None:
    with parsed_once():
        found = [concept({"text": str(n)}).text for n in range(50)]

    assert found == [str(n) for n in range(50)]


def test_what_says_the_same_is_one_concept_and_the_same_again_after_it_was_forgotten() -> None:
    osteoporosis = snomed("64859006")
    before = read(condition(osteoporosis)).record
    one, other = concept(dict(osteoporosis)), concept(dict(osteoporosis))

    for number in range(CONCEPTS + 1):
        concept({"text": str(number)})

    assert one is other
    assert concept(osteoporosis) is not one
    assert concept(osteoporosis).codes == one.codes
    assert read(condition(osteoporosis)).record == before


def test_a_resource_that_changed_between_two_readings_is_read_as_it_is_now() -> None:
    osteoporosis = condition(snomed("64859006"))
    before = read(osteoporosis).record.conditions.items
    osteoporosis["verificationStatus"]["coding"][0]["code"] = "entered-in-error"

    assert before
    assert read(osteoporosis).record.conditions.items == ()
