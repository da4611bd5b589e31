"""The words of the closed lists: pathways, value sets and letters know them, so none may change by accident."""

from enum import StrEnum

import pytest

from adapter.clinical import kinds, outcome, rules

LISTS = [
    found
    for module in (kinds, outcome, rules)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, StrEnum) and found is not StrEnum
]
WORDS_OF_THEIR_OWN: dict[StrEnum, str] = {
    kinds.Analyte.VITAMIN_D_25OH: "25_oh_d",
    kinds.Reason.NON_NUMERIC: "non_numeric_t_score",
    kinds.Reason.IMPLAUSIBLE: "implausible_value",
    kinds.Reason.COMPARATOR: "comparator_on_value",
    kinds.Reason.NO_VALUE: "value_missing",
    kinds.Reason.NO_DATE: "date_missing",
    kinds.Reason.NO_SITE: "site_unknown",
    kinds.Reason.UNCODED: "uncoded_text",
    kinds.Reason.REFUTED: "refuted_by_clinician",
    kinds.Reason.FUTURE_DATE: "date_in_future",
    kinds.Reason.MALFORMED: "malformed_resource",
    outcome.Category.NOT_CLASSIFIABLE: "not_classifiable_by_t_score",
}


@pytest.mark.parametrize("words", LISTS)
def test_a_word_is_the_name_of_its_member_or_one_of_the_few_exceptions(words: type[StrEnum]) -> None:
    for member in words:
        assert member.value == WORDS_OF_THEIR_OWN.get(member, member.name.lower())


def test_there_are_lists_to_look_at() -> None:
    assert {kinds.Site, outcome.Route, rules.Mode} <= set(LISTS)
