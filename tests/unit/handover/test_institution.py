"""An institution words its own codes beside ours, in its own language."""

from datetime import date
from decimal import Decimal

import pytest

from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.inbound import ReadingConfig, ReadingLimits


@pytest.mark.parametrize(("language", "word"), [("en", "Lifestyle"), ("nl", "Leefstijl")])
def test_a_code_is_worded_in_the_language_of_the_institution(language: str, word: str) -> None:
    ours = Institution("here", "1", pathways.load("antonius"), ReadingConfig(), texts.load(language))

    assert word.lower() in str(ours.wording.concept("lifestyle_advice")).lower()


def test_an_institution_sends_nothing_unreleased_unless_it_says_so() -> None:
    ours = Institution("here", "1", pathways.load("core"), ReadingConfig(), texts.load("en"))

    assert ours.send_without_release == frozenset()
    assert ours.update_create
    assert not ours.dry_run


def test_a_record_is_read_by_the_limits_of_the_pathway_that_decides() -> None:
    own: dict[str, object] = {
        "renal_limits_ml_min": {"alendronate": 25, "zoledronate": 35, "risedronate": 30},
        "max_age_months": {"laboratory": 12, "lists": 12, "dxa": 36, "vfa": 24},
        "calcium_correction": {"mmol_per_g": 0.02, "usual_albumin_g_l": 40, "albumin_below_g_l": 38},
    }
    ours = Institution("here", "1", pathways.load("core", own), ReadingConfig(), texts.load("en"))

    assert ours.record_reading.limits == ReadingLimits(Decimal(25), Decimal(38), Decimal(36))
    assert ours.record_reading.uncoded_since(date(2028, 2, 29)) == date(2025, 2, 28)
    assert ours.record_reading.base_url == ours.reading.base_url
