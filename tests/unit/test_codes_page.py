"""docs/connect/codes.md lists what the value sets hold."""

from mappings.codes import LOINC, SNOMED
from mappings.valuesets import concept_map, resources, table
from tests.codes_page import PAGE, SUBJECTS, page

TEXT = PAGE.read_text("utf-8")
# Sets that no engineer maps to: answers, wordings, what we write, and helpers of those that are listed.
OF_OUR_OWN = frozenset({
    "allergy", "answer", "attribute", "calcium", "category", "codesystem", "document", "empty", "generic", "imaging", "map", "mark", "modality", "narrative", "osteoporotic",
    "output", "problem", "provenance", "publication", "relative", "route", "score", "section", "security", "site", "snomed", "tag", "unit",
    "unrelated", "v2",
})  # fmt: skip


def test_the_page_is_as_it_is_made() -> None:
    assert page() == TEXT


def test_every_set_is_listed_or_is_none_to_map_to() -> None:
    prefixes = {it["id"].partition("-")[0] for it in resources() if it["resourceType"] == "ValueSet"}

    assert prefixes - OF_OUR_OWN == SUBJECTS.keys()


def test_every_code_that_a_map_may_name_for_a_t_score_or_a_site_stands_in_a_row() -> None:
    named = {("t-score-codes", LOINC), ("body-sites", SNOMED)}
    codes = {key for name, system in named for of, key in concept_map(name) if of == system}

    assert {it for it in codes if f"| {it} |" not in TEXT} == set()
    known = {key for _, key in table("lab").codes()}
    assert known >= {"33914-3", "2160-0"}
    assert all(key in TEXT for key in ("33914-3", "2160-0"))
