"""Within one reading a concept is parsed once; nothing of it is left for the next."""

from mappings.codes import LOINC
from mappings.inbound.resources.codings import concept, parsed_once
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


def test_a_resource_that_changed_between_two_readings_is_read_as_it_is_now() -> None:
    osteoporosis = condition(snomed("64859006"))
    before = read(osteoporosis).record.conditions.items
    osteoporosis["verificationStatus"]["coding"][0]["code"] = "entered-in-error"

    assert before
    assert read(osteoporosis).record.conditions.items == ()
