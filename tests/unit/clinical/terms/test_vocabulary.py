"""All names together: no two alike, and an answer for a record with nothing in it."""

from adapter.clinical.case import no_evidence
from adapter.clinical.terms import SILENT, TOPICS, VOCABULARY
from tests.unit.clinical.questions import NOBODY, ask, cites


def test_only_terms_without_a_resource_of_their_own_are_never_cited() -> None:
    assert {name for name, term in VOCABULARY.items() if term.evidence is no_evidence} == SILENT
    assert {"age", "sex", "today"} <= SILENT
    assert SILENT.isdisjoint({"smoker", "lowest_t", "stroke"})


def test_of_nobody_nothing_is_true_and_nothing_is_cited() -> None:
    assert [name for name in VOCABULARY if ask(name, NOBODY) is True] == ["menopausal_status_unknown"]
    assert [name for name in VOCABULARY if cites(name, NOBODY)] == []


def test_no_name_stands_for_two_things() -> None:
    assert len(VOCABULARY) == sum(len(topic.TERMS) for topic in TOPICS)
