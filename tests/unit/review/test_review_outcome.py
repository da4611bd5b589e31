"""What a fault makes of a review, and whose fault it is."""

from datetime import date
from typing import Any

import pytest

from adapter.errors import (
    AnswerTooLarge,
    AnswerTooLate,
    ConfigurationFault,
    Deleted,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    StartAgain,
    TryAgainLater,
    VersionConflict,
)
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, concerns_everybody, failed

FAULTS: list[tuple[OsteoHandoverError, OutcomeCode, bool]] = [
    (TryAgainLater("busy"), OutcomeCode.RETRY, True),
    (Outage("down"), OutcomeCode.RETRY, True),
    (StartAgain("the page is gone"), OutcomeCode.RETRY, True),
    (VersionConflict("somebody was first"), OutcomeCode.RETRY, True),
    (ServerStumbled("at this very request"), OutcomeCode.RETRY, False),
    (AnswerTooLate("too slow for so many"), OutcomeCode.RETRY, False),
    (ConfigurationFault("no right"), OutcomeCode.FAILED, True),
    (RecordFault("unreadable"), OutcomeCode.FAILED, False),
    (AnswerTooLarge("too large"), OutcomeCode.FAILED, False),
    (Deleted("gone"), OutcomeCode.FAILED, False),
    (SoftwareFault("ours"), OutcomeCode.FAILED, False),
]


@pytest.mark.parametrize(("fault", "code", "everybody"), FAULTS)
def test_only_what_may_pass_is_tried_again(
    fault: OsteoHandoverError, code: OutcomeCode, everybody: bool
) -> None:
    outcome = failed("p", fault)

    assert (outcome.patient, outcome.code, outcome.fault) == ("p", code, fault)
    assert concerns_everybody(fault) is everybody


def test_our_own_mistake_goes_by_its_type_for_its_text_may_quote_anything() -> None:
    outcome = failed("p", KeyError("what the patient is called"))

    assert isinstance(outcome.fault, SoftwareFault)
    assert str(outcome.fault) == "KeyError in our own code"


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (None, None),
        (TryAgainLater("busy"), None),
        (TryAgainLater("busy", retry_after=7), 7),
        (RecordFault("unreadable"), None),
    ],
)
def test_only_a_server_says_how_long_to_wait(fault: OsteoHandoverError | None, seconds: float | None) -> None:
    assert ReviewOutcome("p", OutcomeCode.RETRY, fault=fault).retry_after == seconds


@pytest.mark.parametrize(
    ("changes", "idle"),
    [
        ({}, True),
        ({"category": "osteoporosis", "next_due": date(2027, 1, 1), "rejected": ("unit",)}, True),
        ({"written": {"CarePlan/x": "1"}}, False),
        ({"proposed": ("create CarePlan",)}, False),
        ({"alarms": ("foreign_data",)}, False),
        ({"outgoing": ("letter",)}, False),
        ({"revoked": ("plan",)}, False),
        ({"again": ("q",)}, False),
        ({"fault": RecordFault("unreadable")}, False),
    ],
)
def test_a_review_is_idle_when_it_left_nothing_to_do_and_nothing_to_tell(
    changes: dict[str, Any], idle: bool
) -> None:
    assert ReviewOutcome("p", OutcomeCode.UNCHANGED, **changes).idle is idle


def test_what_is_printed_of_an_outcome_holds_nothing_clinical() -> None:
    outcome = ReviewOutcome("p", OutcomeCode.PLANNED, category="osteoporosis", rejected=("odd_unit",))

    assert "osteoporosis" not in repr(outcome)
    assert "odd_unit" not in repr(outcome)
