"""An institution words its own codes beside ours, in its own language."""

import pytest

from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.inbound import ReadingConfig


@pytest.mark.parametrize(("language", "word"), [("en", "Lifestyle"), ("nl", "Leefstijl")])
def test_a_code_is_worded_in_the_language_of_the_institution(language: str, word: str) -> None:
    ours = Institution("here", "1", pathways.load("antonius"), ReadingConfig(), texts.load(language))

    assert word.lower() in str(ours.wording.concept("lifestyle_advice")).lower()


def test_an_institution_sends_nothing_unreleased_unless_it_says_so() -> None:
    ours = Institution("here", "1", pathways.load("core"), ReadingConfig(), texts.load("en"))

    assert ours.send_without_release == frozenset()
    assert ours.update_create
    assert not ours.dry_run
